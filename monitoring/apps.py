from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    label = "avatar_monitoring"
    verbose_name = "Avatar monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from monitoring import checks  # noqa: F401  (registers the system checks)
