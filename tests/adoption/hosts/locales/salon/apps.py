from django.contrib.admin.apps import AdminConfig


class SalonAdminConfig(AdminConfig):
    default_site = "salon.office.Office"
