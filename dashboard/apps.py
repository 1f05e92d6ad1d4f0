from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    label = "avatar_monitoring_dashboard"
    verbose_name = "Dashboard"
    viewers_consumer = "dashboard.consumers.MetricsConsumer"
