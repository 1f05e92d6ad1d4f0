"""The project's own gauges as batches describe them."""

from __future__ import annotations

from collections.abc import Iterable

from monitoring.columns import timestamp
from monitoring.core.records import Batch
from monitoring.models import OwnGauge


def store(batches: Iterable[Batch]) -> None:
    """Remembers the project's own gauges and when nodes had them, so that pages know what they may ask for."""
    speaking = [batch for batch in batches if batch.gauges and batch.samples]
    if speaking:
        heard = {gauge.name: gauge for batch in speaking for gauge in batch.gauges}
        since = min(batch.samples[0].start for batch in speaking)
        until = max(batch.samples[-1].until for batch in speaking)
        OwnGauge.objects.note(heard.values(), timestamp(since), timestamp(until))
