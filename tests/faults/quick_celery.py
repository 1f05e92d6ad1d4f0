"""The site's own Celery, with a beat that does every second what it otherwise does every minute."""

from avatar_site.celery import app

app.conf.beat_schedule = {
    "avatar-monitoring-store-snapshots": {
        "task": "avatar_monitoring.store_snapshots",
        "schedule": 1.0,
        "options": {"expires": 50},
    }
}
