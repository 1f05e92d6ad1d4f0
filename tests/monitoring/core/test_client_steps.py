import math
import random
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.client_steps import (
    COUNTERS,
    KEY_BYTES,
    LEVELS,
    StepGroup,
    StepsOfBatch,
    decode_steps,
    encode_steps,
    key_of_session,
    packed_counts,
    packed_levels,
    steps_of,
)
from monitoring.journal import stream
from tests.monitoring.batches import batch, sample

AT = 1_700_000_040.0
FIRST, SECOND = uuid.UUID(int=1 << 120).hex, uuid.UUID(int=2 << 120).hex
VERDICTS = ["fine", "network"]


def group(*sessions: str, at: float = AT, counts=None, levels=None, verdicts: bytes = b"") -> StepGroup:
    """Counts of 0 and unknown levels, unless given by the name of their column."""
    many = len(sessions)
    columns = [packed_counts((counts or {}).get(name, [0] * many)) for name in COUNTERS]
    columns += [packed_levels((levels or {}).get(name, [None] * many)) for name in LEVELS]
    return StepGroup(at, b"".join(map(key_of_session, sessions)), columns, verdicts)


def only(session: str, data: bytes):
    (step,) = steps_of(key_of_session(session), decode_steps(data))
    return step


counts = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=30)
levels = st.lists(st.none() | st.just(0.0) | st.floats(1e-3, 1e12), min_size=1, max_size=30)


@given(counts)
def test_counts_are_exact(values):
    sessions = [uuid.uuid4().hex for _ in values]
    data = encode_steps([group(*sessions, counts={"bytes_sent": values})])
    assert [only(session, data).counted[3] for session in sessions] == values


@given(levels)
def test_measurements_are_right_to_half_a_percent_and_unknown_ones_stay_unknown(values):
    sessions = [uuid.uuid4().hex for _ in values]
    data = encode_steps([group(*sessions, levels={"latency_ms": values})])
    for session, value in zip(sessions, values, strict=True):
        found = only(session, data).levels[0]
        assert found == (None if value is None else pytest.approx(value, rel=0.004, abs=0))


def test_what_nobody_knows_takes_no_byte():
    assert packed_levels([None, None]) == b""
    assert packed_counts([0, 0]) == b"\0\0"


def test_a_client_has_its_own_steps_in_order():
    groups = [group(FIRST, SECOND, at=AT, counts={"messages_received": [1, 7]}), group(SECOND, at=AT + 1)]
    steps = decode_steps(encode_steps(groups))
    assert [(step.at, step.counted[0]) for step in steps_of(key_of_session(SECOND), steps)] == [(AT, 7), (AT + 1, 0)]
    assert [step.at for step in steps_of(key_of_session(FIRST), steps)] == [AT]
    assert list(steps_of(b"nobody", steps)) == []


def test_a_key_that_only_begins_within_another_one_is_not_found():
    first, second = b"\1\2\3\4\5\6", b"\7\0\0\0\0\0"
    steps = decode_steps(encode_steps([group(first.hex(), second.hex())]))
    assert list(steps_of(first[3:] + second[:3], steps)) == []


@pytest.mark.parametrize(("index", "verdict"), [(0, "fine"), (1, "network"), (2, None), (255, None)])
def test_a_verdict_that_nobody_gave_or_knows_is_not_known(index, verdict):
    steps = StepsOfBatch(VERDICTS, [group(FIRST, verdicts=bytes([index]))])
    (step,) = steps_of(key_of_session(FIRST), steps)
    assert step.verdict == verdict


def test_an_impossible_measurement_is_not_known():
    assert only(FIRST, encode_steps([group(FIRST, levels={"fps": [math.inf]})])).levels[3] is None


def test_a_later_release_may_add_columns():
    later = group(FIRST, counts={"bytes_sent": [9]})
    later.columns.append(b"more")
    assert only(FIRST, encode_steps([later])).counted[3] == 9


def broken(**changes) -> bytes:
    return encode_steps([msgspec.structs.replace(group(FIRST, SECOND), **changes)])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\2rest", "steps of clients have version 2; this release reads 1"),
        (b"\1", "no steps of clients: Input data was truncated"),
        (b"\1\xc0", "no steps of clients"),
        (b"\1" + b"\x91" * 100_000, "no steps of clients"),
        (broken(at=math.nan), "steps of clients at nan"),
        (broken(at=-1.0), "steps of clients at -1.0"),
        (broken(keys=b"\0" * 7), f"keys of 7 bytes; each session has {KEY_BYTES}"),
        (broken(keys=b""), f"keys of 0 bytes; each session has {KEY_BYTES}"),
        (broken(verdicts=b"\0"), "1 verdicts about 2 clients"),
        (broken(columns=[b"\0\0"]), "1 columns about clients; there are 10"),
        (broken(columns=[b""] * 10), "a column messages_received of 0 bytes about 2 clients"),
        (broken(columns=[b"\0\0"] * 4 + [b"\0"] * 6), "a column latency_ms of 1 bytes about 2 clients"),
    ],
)
def test_anything_else_is_refused_and_said_clearly(data, why):
    with pytest.raises(ValueError, match=why):
        decode_steps(data)


def test_a_batch_without_steps_has_none():
    assert encode_steps([]) == b""
    assert decode_steps(b"").groups == []


def test_bad_steps_lose_nothing_else_of_their_batch():
    read = stream.unpack(stream.pack(batch(sample(), client_steps=b"\1poison")))
    assert len(read.samples) == 1


@pytest.mark.parametrize("session_id", ["", "abc", "no hexadecimal", "0" * 11])
def test_a_session_that_no_node_of_this_release_began_has_no_key(session_id):
    with pytest.raises(ValueError, match="not with twelve hexadecimal digits"):
        key_of_session(session_id)


def test_a_step_takes_less_than_forty_bytes_however_a_client_is_called():
    source = random.Random(1)
    size = many = 0
    for _ in range(5):
        sessions = [f"{source.getrandbits(128):032x}" for _ in range(50)]
        counts = {name: [source.randrange(10**7) for _ in sessions] for name in COUNTERS}
        levels = {name: [source.lognormvariate(3, 1) for _ in sessions] for name in LEVELS}
        data = encode_steps([group(*sessions, counts=counts, levels=levels, verdicts=bytes(50))])
        size, many = size + len(stream.pack(batch(sample(), client_steps=data))), many + len(sessions)
    alone = 5 * len(stream.pack(batch(sample())))
    assert (size - alone) / many < 40
