"""What people have answered to alerts, looked up by alert: who acknowledged it, whether it was resolved by hand, and
whether it is silenced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from monitoring.core.alert_instructions import AnsweredAlert, LiveState
from monitoring.core.alert_matchers import MatcherIndex
from monitoring.core.alert_messages import names_of
from monitoring.core.records import AlertRecord

Key = tuple[str, str]
"""An alert's rule and subject."""


class AlertAnswers:
    """All that holds now, or will by itself. Answers are to what had begun by then: what fires later is new."""

    def __init__(self, state: LiveState | None = None) -> None:
        state = state or LiveState()
        self._acknowledged = _by_key(state.acknowledged)
        self._resolved = _by_key(state.resolved)
        self._silenced = MatcherIndex((one.matchers, one) for one in state.silenced)

    def is_resolved(self, alert: AlertRecord) -> bool:
        """Whether a person has resolved it, though its value has not come back."""
        return _answer(self._resolved, alert) is not None

    def acknowledgement(self, alert: AlertRecord, now: float) -> dict[str, Any] | None:
        """As frames carry it: {"by", "until"}; `until` is None if it goes on until the alert is over."""
        found = _answer(self._acknowledged, alert)
        if found is None or (found.until is not None and found.until <= now):
            return None
        return {"by": found.by, "until": found.until}

    def is_silenced(self, alert: AlertRecord, host: str, node: str, now: float) -> bool:
        if not self._silenced:
            return False
        return any(one.start <= now < one.end for one in self._silenced.about(names_of(alert, host, node)))


def _by_key(answers: Iterable[AnsweredAlert]) -> dict[Key, AnsweredAlert]:
    """The latest answer to each alert."""
    return {(answer.rule, answer.subject): answer for answer in sorted(answers, key=lambda answer: answer.at)}


def _answer(answers: Mapping[Key, AnsweredAlert], alert: AlertRecord) -> AnsweredAlert | None:
    # Nearly always there are none, and each frame asks about each alert.
    found = answers.get(alert.key) if answers else None
    since = alert.at if alert.since is None else alert.since
    return found if found is not None and since <= found.at else None
