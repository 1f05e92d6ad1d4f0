"""How far each rule about all nodes together was evaluated, and what its alert remembers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FleetWatch(models.Model):
    """One rule's state machine: `state` after the second before `until`, UTC epoch seconds."""

    rule = models.CharField(max_length=64, unique=True)
    until = models.BigIntegerField(default=0)
    state = models.JSONField(default=dict)
    definition = models.JSONField(default=dict, help_text=_("The rule that the state belongs to."))

    def __str__(self) -> str:
        return self.rule
