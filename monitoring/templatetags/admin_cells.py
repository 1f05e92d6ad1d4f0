"""The cells of the admin's lists with the names of their columns, which a phone shows beside the values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()

CHOICE = "action-checkbox"


@register.filter
def with_labels(rows: Iterable[list[SafeString]], headers: list[dict[str, Any]]) -> list[list[SafeString]]:
    """Django's rows, which keep their forms. The cell that names the row, a <th>, needs no label."""
    labelled = list(rows)
    for row in labelled:
        row[:] = [_labelled(cell, header) for cell, header in zip(row, headers, strict=True)]
    return labelled


def _labelled(cell: SafeString, header: dict[str, Any]) -> SafeString:
    if not cell.startswith("<td") or CHOICE in header.get("class_attrib", ""):
        return cell
    # The cell is Django's, and safe.
    return format_html('<td data-label="{}"{}', capfirst(header["text"]), mark_safe(cell.removeprefix("<td")))
