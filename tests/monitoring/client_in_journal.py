"""One client's first fifteen seconds in the journal, of which two steps are known."""

import time

import pytest

from monitoring.core.client_steps import (
    COUNTERS,
    LEVELS,
    StepGroup,
    encode_steps,
    key_of_session,
    packed_counts,
    packed_levels,
)
from monitoring.history import seconds
from tests.monitoring import batches
from tests.monitoring.batches import append, batch, sample

NOW = int(time.time()) // 60 * 60 - 60
SESSION = "00112233445566778899aabbccddeeff"


@pytest.fixture
def new_process(monkeypatch):
    monkeypatch.setattr(seconds, "_readers", {})


def session_of_client(**values):
    record = batches.session(SESSION, **values)
    record.client_id, record.connected_at = "ada", float(NOW - 5)
    return record


def step(at: float, received: int) -> StepGroup:
    counts = [packed_counts([received if name == "messages_received" else 0]) for name in COUNTERS]
    return StepGroup(at, key_of_session(SESSION), [*counts, *(packed_levels([None]) for _ in LEVELS)])


@pytest.fixture
def journal(redis, new_process):
    steps = encode_steps([step(NOW, 10), step(NOW + 10, 50)])
    seconds_ = [sample(NOW + second, connections=1) for second in range(11)]
    append(redis, batch(*seconds_, boot="boot1", sessions=[session_of_client()], client_steps=steps), at=NOW + 11)
