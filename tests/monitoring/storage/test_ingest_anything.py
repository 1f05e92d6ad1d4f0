"""Whatever stands in the journal, draining it comes to an end: each entry is stored or set aside."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.core.records import AlertRecord, Batch, SessionRecord
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.journal import stream
from monitoring.models import Alert, ClientSession, JournalCursor, Minute, Node
from monitoring.storage.ingest import drain
from monitoring.storage.roll_up import roll_up
from tests.monitoring.batches import MINUTE

pytestmark = pytest.mark.django_db

TEXTS = st.text(max_size=300)
WHOLE = st.integers(0, 100) | st.integers(-(2**63), 2**64 - 1)
NUMBERS = st.sampled_from([0.0, 50.0, float(MINUTE)]) | st.floats()
MAYBE = st.none() | NUMBERS
GAUGES = st.just(Gauge()) | st.builds(Gauge, WHOLE, NUMBERS, NUMBERS, NUMBERS)
SKETCHES = st.builds(
    Sketch, st.dictionaries(st.integers(-400, 2_000) | st.integers(-(2**40), 2**40), WHOLE, max_size=3)
)
SAMPLES = st.builds(
    Sample,
    start=NUMBERS,
    seconds=NUMBERS,
    end=MAYBE,
    messages=WHOLE,
    connections=GAUGES,
    cpu_percent=GAUGES,
    latency_sketch=SKETCHES,
)
SESSIONS = st.builds(
    SessionRecord,
    session_id=TEXTS,
    client_id=TEXTS,
    path=TEXTS,
    remote=TEXTS,
    connected_at=NUMBERS,
    disconnected_at=MAYBE,
    messages=WHOLE,
    close_code=st.none() | WHOLE,
    ended=TEXTS,
)
STATES = st.sampled_from(["firing", "resolved"])
ALERTS = st.builds(AlertRecord, TEXTS, TEXTS, STATES, NUMBERS, TEXTS, TEXTS, NUMBERS, NUMBERS, NUMBERS, MAYBE, TEXTS)
BATCHES = st.builds(
    Batch,
    node=TEXTS,
    boot=TEXTS,
    host=TEXTS,
    seq=st.integers(1, 3) | WHOLE,
    samples=st.lists(SAMPLES, max_size=2),
    sessions=st.lists(SESSIONS, max_size=1),
    alerts=st.lists(ALERTS, max_size=1),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BATCHES.map(stream.pack) | st.binary(max_size=50), min_size=1, max_size=4))
def test_every_entry_is_stored_or_set_aside(redis, entries):
    for model in (Minute, Node, JournalCursor, Alert, ClientSession):
        model.objects.all().delete()
    redis.flushall()
    for data in entries:
        redis.xadd(stream.keys().stream, {stream.FIELD: data})
    drained = drain(redis)
    assert drained.batches + drained.set_aside == len(entries)
    roll_up()
