"""The site's users and groups; their lists check queries in the same way as the lists of measurements."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from monitoring.admin.lists import CheckedQueries

admin.site.unregister([User, Group])


@admin.register(User)
class SiteUserAdmin(CheckedQueries, UserAdmin):  # type: ignore[type-arg]
    pass


@admin.register(Group)
class SiteGroupAdmin(CheckedQueries, GroupAdmin):
    pass
