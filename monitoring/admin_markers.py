"""Markers in Django's admin: unlike measurements, people add, change and delete them."""

from __future__ import annotations

from django.contrib import admin

from monitoring.admin_cells import stamp
from monitoring.admin_questions import CheckedQuestions
from monitoring.models import Marker


@admin.register(Marker)
class MarkerAdmin(CheckedQuestions, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    # People never add a marker for a clock that was set.
    fields = ("at", "text")
    list_display = ("shown_at", "text")
    list_display_links = ("text",)
    search_fields = ("text",)
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    show_full_result_count = False

    @admin.display(description="at", ordering="at")
    def shown_at(self, marker: Marker) -> str:
        return stamp(marker.at)
