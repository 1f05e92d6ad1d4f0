import math
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core import records
from monitoring.core.records import AlertRecord, Batch, SessionRecord
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.core.wire.other_formats import OtherFormatError

SAMPLE = Sample(60.0, 1.0, messages=3, cpu_percent=Gauge.of(5.0), latency_sketch=Sketch.of([1.0, 20.0]))
SESSION = SessionRecord("s1", "ada", "/ws/", "10.0.0.1", 60.0, 90.5, 3, 10, 20, 12.5, 14.0, 60.0, 1000, "client closed")
ALERT = AlertRecord("cpu_percent", "host", "firing", 60.0, "warning", "High CPU usage: 85.3%", 85.3, 80.0, 85.3)
BATCH = Batch("host:1", "b1", "host", 1, [SAMPLE], [SESSION], [ALERT])


def test_a_batch_survives_encoding():
    assert records.decode(records.encode(BATCH)) == BATCH


def test_an_empty_batch_survives_encoding():
    batch = Batch("host:1", "b1", "host", 2)
    assert records.decode(records.encode(batch)) == batch


@given(st.integers(0, len(records.encode(BATCH)) - 1))
def test_a_truncated_batch_raises(length):
    with pytest.raises(msgspec.DecodeError):
        records.decode(records.encode(BATCH)[:length])


@given(st.binary(max_size=40))
def test_foreign_bytes_raise_and_nothing_else(data):
    with pytest.raises(msgspec.DecodeError):
        records.decode(data)


def with_latencies(bins) -> Batch:
    return msgspec.structs.replace(BATCH, samples=[msgspec.structs.replace(SAMPLE, latency_sketch=Sketch(bins))])


@pytest.mark.parametrize("bins", [{70_000: 1}, {-400: 1}, {5: 1, 2**40: 1}, {5: 2**64 - 1}, {5: 0}, {5: -1}])
def test_impossible_distributions_raise(bins):
    with pytest.raises(ValueError, match="a distribution"):
        records.decode(records.encode(with_latencies(bins)))


def test_the_whole_range_of_a_sketch_is_accepted():
    whole = with_latencies(Sketch.of([0.0, 1e300]).bins)
    assert records.decode(records.encode(whole)) == whole


@pytest.mark.parametrize("start", [-1.0, 253402300799.0, math.inf, math.nan])
def test_times_that_no_calendar_has_raise(start):
    with pytest.raises(ValueError, match="a sample from"):
        records.decode(records.encode(msgspec.structs.replace(BATCH, samples=[Sample(start, 1.0)])))


@pytest.mark.parametrize("start", [-60, 253402300800, 2**63])
def test_impossible_repeated_minutes_raise(start):
    with pytest.raises(ValueError, match="minutes that come again"):
        records.decode(records.encode(msgspec.structs.replace(BATCH, renewed=[start])))


def test_deep_nesting_raises():
    deep = msgspec.msgpack.encode(msgspec.to_builtins(BATCH, builtin_types=(bytes,)))
    # A map of more than fifteen keys says how many in two bytes of its own.
    head = b"\xde" + struct.pack(">H", len(msgspec.msgpack.decode(deep)) + 1)
    added = head + deep[1:] + msgspec.msgpack.encode("added") + b"\x91" * 100_000 + b"\xc0"
    with pytest.raises(ValueError, match="nested"):
        records.decode(added)


def fields_of(batch: Batch) -> dict:
    return msgspec.to_builtins(batch, builtin_types=(bytes,))


PREVIOUS = {"node": "host:1", "boot": "b1", "host": "host", "seq": 1}
"""What batches of the first release held besides samples, sessions and alerts."""


def test_a_batch_of_the_previous_shape_is_read():
    fields = fields_of(BATCH)
    previous = msgspec.msgpack.encode(PREVIOUS | {name: fields[name] for name in ("samples", "sessions", "alerts")})
    assert records.decode(previous) == BATCH


def test_a_session_of_a_release_without_users_and_rooms_is_read():
    batch = msgspec.structs.replace(BATCH, sessions=[SessionRecord("s1", "ada", "/ws/", "", 1.0)])
    fields = fields_of(batch)
    for record in fields["sessions"]:
        del record["user"], record["room"]
    assert records.decode(msgspec.msgpack.encode(fields)) == batch


def test_a_batch_that_names_no_version_is_of_the_first_one_whatever_this_release_writes(monkeypatch):
    monkeypatch.setattr(records, "VERSION", records.FIRST_VERSION + 1)
    with pytest.raises(OtherFormatError, match=f"^version {records.FIRST_VERSION} of boot b1$"):
        records.decode(msgspec.msgpack.encode(PREVIOUS))


def test_fields_of_a_later_version_are_ignored():
    later = msgspec.msgpack.encode({**fields_of(BATCH), "added": "later"})
    assert records.decode(later) == BATCH


def test_a_field_that_is_appended_to_the_batch_changes_no_version(monkeypatch):
    class Longer(Batch):
        added: str = "later"

    longer = Longer(**{name: getattr(BATCH, name) for name in Batch.__struct_fields__})
    assert records.decode(records.encode(longer)) == BATCH
    monkeypatch.setattr(records, "_decoder", msgspec.msgpack.Decoder(Longer))
    assert records.decode(records.encode(BATCH)) == longer


@pytest.mark.parametrize("changed", [{}, {"samples": "of another kind"}, {"seq": None, "node": 5}])
def test_another_version_is_recognised_whatever_it_holds(changed):
    later = msgspec.msgpack.encode({**fields_of(BATCH), "version": records.VERSION + 1, **changed})
    with pytest.raises(OtherFormatError, match=f"^version {records.VERSION + 1} of boot {BATCH.boot}$"):
        records.decode(later)
