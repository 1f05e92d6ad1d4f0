"""The form of a new silence in the admin, and how many alerts it would hide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from monitoring.alerting import silences, silencing
from monitoring.alerting.silencing import SilenceError
from monitoring.core.alert_matchers import LONGEST_PATTERN, MATCHER_NAMES
from monitoring.models import Silence
from monitoring.models.column_names import column_name
from monitoring.problem_words import problem_words

MOST_SHOWN = 20


class SilenceForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """A new silence: a pattern for one or more names of alerts, when it is in force, and why."""

    class Meta:
        model = Silence
        fields = ("reason", "starts_at", "ends_at", "repeats")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in MATCHER_NAMES:
            self.fields[name] = forms.CharField(
                label=capfirst(column_name(name)),
                required=False,
                max_length=LONGEST_PATTERN,
                help_text=_("A whole name, or with * for any text."),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        self.instance.matchers = {name: cleaned[name] for name in MATCHER_NAMES if cleaned.get(name)}
        values = {name: cleaned[name] for name in self.Meta.fields}
        now = timezone.now()
        try:
            silencing.check(Silence(matchers=self.instance.matchers, **values), now)
        except SilenceError as error:
            self.add_error(error.field if error.field in self.fields else None, problem_words(str(error)))
        else:
            if "_preview" in self.data:
                told = would_hide(self.instance.matchers)
                self.add_error(None, gettext("Not saved yet. %(effect)s") % {"effect": told})
        return cleaned


def would_hide(matchers: dict[str, str]) -> str:
    """How many alerts that fire match, and some of them, as a sentence."""
    found = silences.matching(matchers)
    subjects = ", ".join(found.values_list("subject", flat=True)[:MOST_SHOWN])
    number = found.count()
    if not number:
        return gettext("It would hide no firing alert now.")
    told = ngettext(
        "It would hide %(count)d firing alert now: %(subjects)s.",
        "It would hide %(count)d firing alerts now: %(subjects)s.",
        number,
    )
    return told % {"count": number, "subjects": subjects}
