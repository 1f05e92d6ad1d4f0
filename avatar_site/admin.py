"""The admin's title, and the site's users and groups, whose lists check queries as the lists of measurements do."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _

from monitoring.admin.lists import CheckedQueries
from monitoring.admin.style import STYLE

admin.site.site_header = admin.site.site_title = _("Avatar monitoring")
admin.site.index_title = _("Records")
admin.site.unregister([User, Group])


@admin.register(User)
class SiteUserAdmin(CheckedQueries, UserAdmin):  # type: ignore[type-arg]
    class Media:
        css = {"all": (STYLE,)}


@admin.register(Group)
class SiteGroupAdmin(CheckedQueries, GroupAdmin):
    class Media:
        css = {"all": (STYLE,)}
