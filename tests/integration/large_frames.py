"""The site with frames as large as a crowd of idle clients would make them if their alerts were not grouped."""

from monitoring.core import alert_messages, client_alerts

alert_messages.MOST_SHOWN = client_alerts.MOST_SINGLE = 10_000

from avatar_site.asgi import application  # noqa: E402, F401
