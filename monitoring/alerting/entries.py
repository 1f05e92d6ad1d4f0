"""Writes the log of alerts: who did what about them, and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from monitoring.columns import MAX_USERNAME, fitting
from monitoring.core.inputs import plain_text
from monitoring.models import AlertEntry

LONGEST_ANSWER = 1_000


@dataclass(slots=True)
class Deed:
    """What somebody does about one or more alerts; `by` is empty if nobody does it.

    Raises ValueError for a text that cannot be stored.
    """

    kind: str
    by: str
    at: datetime
    text: str = ""
    until: datetime | None = None

    def __post_init__(self) -> None:
        self.by = fitting(self.by, MAX_USERNAME)
        try:
            self.text = plain_text(self.text.strip(), LONGEST_ANSWER)
        except ValueError as error:
            raise ValueError(f"text: must be {error}") from None

    def log(self, numbers: Collection[int]) -> None:
        """Writes a line in the log of each of these alerts."""
        AlertEntry.objects.bulk_create(
            [
                AlertEntry(alert_id=number, at=self.at, by=self.by, kind=self.kind, text=self.text, until=self.until)
                for number in numbers
            ]
        )
