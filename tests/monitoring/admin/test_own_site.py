from django.contrib import admin
from django.contrib.admin import AdminSite

from monitoring.admin import register
from monitoring.models import (
    Alert,
    AlertChannel,
    AlertRule,
    ClientSession,
    Day,
    Hour,
    KioskToken,
    Marker,
    Minute,
    Notice,
    Silence,
)


def test_an_admin_of_the_projects_own_gets_the_lists_of_the_default_one():
    site = AdminSite(name="back-office")
    register(site)
    models = {Alert, AlertChannel, AlertRule, ClientSession, Day, Hour, KioskToken, Marker, Minute, Notice, Silence}
    assert set(site._registry) == models
    assert {type(site._registry[model]) for model in models} == {type(admin.site._registry[model]) for model in models}
