"""The site with frames as large as a crowd of idle clients would make them, were the alerts in them not bounded."""

from monitoring.core import alert_messages, observations

alert_messages.MOST_SHOWN = alert_messages.MOST_CLIENTS_SHOWN = observations.MOST_ALERTS = 10_000

from avatar_site.asgi import application  # noqa: E402, F401
