"""The pages about rules: all that are in force, and one of them, tried on the past."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dashboard.gates import history_page
from dashboard.page_parameters import ignored
from dashboard.rendering import render_page
from dashboard.rule_page import rule_page
from dashboard.rules_page import rules_page
from dashboard.shown_rules import known_rules
from dashboard.views import history_context


@history_page
def rules(request: HttpRequest) -> HttpResponse:
    """All rules in force, with every threshold and time."""
    context = {"nav": "alerts", **history_context(), **rules_page(request, timezone.now())}
    context |= ignored(request.GET, "rules")
    return render_page(request, "avatar_monitoring/rules.html", context)


@history_page
def rule(request: HttpRequest, name: str) -> HttpResponse:
    """One rule: what it would have done in a period, beside the same rule with other numbers."""
    known = known_rules().rules
    if name not in known:
        context = {"nav": "alerts", "name": name, "names": sorted(known)}
        return render_page(request, "avatar_monitoring/no_such_rule.html", context, status=404)
    context = {"nav": "alerts", **history_context(), **rule_page(request, known[name], timezone.now())}
    context |= ignored(request.GET, "rule")
    return render_page(request, "avatar_monitoring/rule.html", context, status=400 if context["problem"] else 200)
