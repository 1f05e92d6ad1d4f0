"""The form of an alert channel: its target and its secret can be entered, and are never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.alerting.channel_problems import TARGETS, problem_of_secret, problem_of_target
from monitoring.alerting.encryption import encrypted
from monitoring.core.alert_matchers import MATCHER_NAMES, problems_of_matchers
from monitoring.extras import MissingExtraError
from monitoring.models import AlertChannel
from monitoring.models.notice import EMAIL

LONGEST_TARGET, LONGEST_SECRET = 2_000, 500
MOST_MINUTES = 7 * 24 * 60
MINUTES = ("group_minutes", "repeat_minutes", "escalates_after_minutes")


def _about_targets() -> str:
    """What the target of each kind is."""
    targets = "; ".join(f"{kind}: {what}" for kind, what in TARGETS.items())
    told = gettext("%(targets)s. It is encrypted and never shown again; leave it empty to keep what is there.")
    return told % {"targets": targets}


def _about_matchers() -> str:
    told = gettext(
        "Only alerts that match all: %(example)s. The names are %(names)s; * stands for any text. {} is all alerts."
    )
    return told % {"example": '{"host": "web-*"}', "names": ", ".join(MATCHER_NAMES)}


class AlertChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    new_target = forms.CharField(
        label=_("Target"),
        required=False,
        max_length=LONGEST_TARGET,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "vTextField"}),
        help_text=lazy(_about_targets, str)(),
    )
    new_secret = forms.CharField(
        label=_("Secret"),
        required=False,
        max_length=LONGEST_SECRET,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=_(
            "webhook: the key of its signatures; alertmanager: a bearer token, if it wants one. It is encrypted and "
            "never shown again; leave it empty to keep what is there."
        ),
    )

    class Meta:
        model = AlertChannel
        fields = (
            "name", "kind", "enabled", "severity", "matchers", "tells_resolved", *MINUTES,
        )  # fmt: skip
        help_texts = {
            "severity": _("Alerts of this severity and of higher ones."),
            "matchers": lazy(_about_matchers, str)(),
            "tells_resolved": _("Also tell when everything is over that was told."),
            "group_minutes": _("One notice for each rule in so many minutes, unless its severity rises."),
            "repeat_minutes": _("Tell again what still fires after so many minutes; 0: never."),
            "escalates_after_minutes": _(
                "Only tell what nobody has acknowledged for so many minutes; 0: tell at once."
            ),
        }

    def clean_matchers(self) -> dict[str, str]:
        matchers = self.cleaned_data["matchers"] or {}
        if matchers and (problems := problems_of_matchers(matchers)):
            raise forms.ValidationError(problems)
        return dict(matchers)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in MINUTES:
            if (data.get(name) or 0) > MOST_MINUTES:
                self.add_error(name, gettext("must be at most %(most)d") % {"most": MOST_MINUTES})
        if "kind" in data and not self.instance.fingerprint:
            self._check_target(data["kind"], data.get("new_target", "").strip())
            self._check_secret(data["kind"], data.get("new_secret", "").strip())
        return data

    def _check_target(self, kind: str, target: str) -> None:
        # What is there fits the kind that it was entered for.
        if not target and self.instance.target and kind == self.instance.kind:
            return
        if problem := problem_of_target(kind, target):
            self.add_error("new_target", problem)
            return
        try:
            self.instance.target = target if kind == EMAIL else encrypted(target)
        except MissingExtraError as error:
            self.add_error("new_target", gettext("it could not be encrypted: %(error)s") % {"error": error})

    def _check_secret(self, kind: str, secret: str) -> None:
        if not secret and self.instance.secret and kind == self.instance.kind:
            return
        if problem := problem_of_secret(kind, secret):
            self.add_error("new_secret", problem)
            return
        try:
            self.instance.secret = encrypted(secret)
        except MissingExtraError as error:
            self.add_error("new_secret", gettext("it could not be encrypted: %(error)s") % {"error": error})
