from django.contrib import admin
from django.contrib.admin import AdminSite

from monitoring.admin import register


def test_an_admin_of_the_projects_own_gets_the_lists_of_the_default_one():
    site = AdminSite(name="back-office")
    register(site)
    models = {model for model in admin.site._registry if model._meta.app_label == "avatar_monitoring"}
    assert set(site._registry) == models
    assert {type(site._registry[model]) for model in models} == {type(admin.site._registry[model]) for model in models}
