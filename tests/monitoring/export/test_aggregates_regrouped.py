import random
from collections import defaultdict

import pytest

from monitoring.core.stats.sample import COUNTERS, GAUGES, SKETCHES, Sample
from monitoring.export.aggregates import regrouped
from monitoring.models import Minute
from tests.monitoring.batches import MINUTE, random_sample, sample

FIELDS = [
    *("epoch", "node", "boot", "host", "coverage"),
    *COUNTERS,
    *(f"{gauge}_{part}" for gauge in GAUGES for part in ("count", "sum", "min", "max")),
    *SKETCHES,
]
WIDTH = 300
START = MINUTE - MINUTE % WIDTH


def raw(minute: Minute) -> tuple:
    return tuple(getattr(minute, field) for field in FIELDS)


def minute(epoch: int, of: Sample, node: str = "web:1", boot: str = "") -> Minute:
    return Minute.from_sample(node, boot or node, "web", of)


def merged(rows, *, chunk: int = 1_000) -> list[dict]:
    """The result for rows that arrive in these chunks, by the fields' names."""
    chunks = [rows[at : at + chunk] for at in range(0, len(rows), chunk)]
    return [dict(zip(FIELDS, row, strict=True)) for part in regrouped(chunks, FIELDS, WIDTH) for row in part]


def history() -> tuple[list[tuple], dict[tuple[int, str], Sample]]:
    """Minutes of two nodes, as rows in order, and the expected buckets of each node."""
    source = random.Random(1)
    rows, expected = [], defaultdict(list)
    for epoch in range(START + 120, START + 4 * WIDTH, 60):
        for node in ("web:1", "web:2"):
            of = random_sample(float(epoch), source)
            rows.append(raw(minute(epoch, of, node)))
            expected[epoch - epoch % WIDTH, node].append(of)
    return rows, {key: sum(samples[1:], samples[0]) for key, samples in expected.items()}


@pytest.mark.parametrize("chunk", [1, 3, 7, 1_000])
def test_a_bucket_is_the_sum_of_its_samples(chunk):
    rows, expected = history()
    found = merged(rows, chunk=chunk)
    assert [(row["epoch"], row["node"]) for row in found] == list(expected)
    for row, of in zip(found, expected.values(), strict=True):
        assert [row[name] for name in COUNTERS] == [getattr(of, name) for name in COUNTERS]
        assert row["latency_sketch"] == of.latency_sketch
        for gauge in ("cpu_percent", "connections", "latency_ms"):
            whole = getattr(of, gauge)
            assert [row[f"{gauge}_{part}"] for part in ("count", "min", "max")] == [whole.count, whole.min, whole.max]
            assert row[f"{gauge}_sum"] == pytest.approx(whole.sum)


def test_its_coverage_covers_all_its_minutes():
    rows = [raw(minute(START, sample(START, 60))), raw(minute(START + 60, sample(START + 60, 20)))]
    assert [row["coverage"] for row in merged(rows)] == [80]


def test_each_start_of_a_node_keeps_its_own_row():
    rows = [raw(minute(START, sample(START, 30), boot=boot)) for boot in ("first", "second")]
    assert [row["boot"] for row in merged(rows)] == ["first", "second"]


def test_values_that_were_never_read_stay_unknown():
    rows = [raw(minute(START + at, sample(START + at))) for at in (0, 60)]
    [row] = merged(rows)
    assert (row["fps_count"], row["fps_min"], row["fps_max"]) == (0, None, None)


def test_a_bucket_is_returned_as_soon_as_the_next_begins():
    rows = [raw(minute(START + at, sample(START + at))) for at in (0, 60, WIDTH)]
    parts = regrouped(([row] for row in rows), FIELDS, WIDTH)
    assert [[row[0] for row in part] for part in parts] == [[START], [START + WIDTH]]
