"""Measurements are facts: nobody adds or changes them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from monitoring.admin_questions import CheckedQuestions


class FactAdmin(CheckedQuestions, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Read-only; only a superuser may delete."""

    show_full_result_count = False
    list_per_page = 60

    class Media:
        css = {"all": ("monitoring/admin.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_superuser)
