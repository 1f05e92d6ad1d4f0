"""The one Django app of the installed package: this repository's two in one."""

from dashboard.apps import DashboardConfig
from monitoring.apps import MonitoringConfig


class AvatarMonitoringConfig(DashboardConfig, MonitoringConfig):
    name = "avatar_monitoring"
    label = "avatar_monitoring"
    verbose_name = MonitoringConfig.verbose_name
    # The repository's two configurations are in this module as well.
    default = True
