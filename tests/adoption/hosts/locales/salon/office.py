from django.contrib.admin import AdminSite


class Office(AdminSite):
    site_header = "Back office"
    site_title = "Office"
    index_title = "What is there to do?"

    def has_permission(self, request):
        return request.user.is_active and request.user.is_authenticated and request.user.is_staff
