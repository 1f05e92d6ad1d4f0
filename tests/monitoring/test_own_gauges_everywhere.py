"""A gauge that a project registers goes all the way: from two nodes' ticks through the journal to rows of every tier,
charts, exports, /metrics, rules, and an earlier release's reader."""

from datetime import UTC, datetime

import msgspec
import pytest
from django.urls import reverse

from dashboard.periods import parse
from dashboard.trends_page import trends_page
from monitoring.columns import timestamp
from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.alert_values import value_of
from monitoring.core.records import Batch, decode, encode
from monitoring.export import stream as written
from monitoring.export.selection import Selection
from monitoring.fleet.totals import key_of
from monitoring.fleet.totals_writer import NodeTotalsSink
from monitoring.history import seconds
from monitoring.history.series import series
from monitoring.journal import stream
from monitoring.journal.batcher import Batcher
from monitoring.models import Day, Hour, Minute, OwnGauge
from monitoring.site import name as site_name
from monitoring.storage.ingest import drain
from monitoring.storage.roll_up import roll_up
from tests.fakes import FakeClock, fake_monitor, hub_of, ticked
from tests.monitoring.batches import batch, sample
from tests.monitoring.batches import minute as stored_minute

pytestmark = pytest.mark.django_db

START = float(datetime.now(UTC).replace(second=0, microsecond=0).timestamp()) - 600.0
"""Ten minutes ago: the journal still has it, and it is over."""


class Shop:
    """A node of a project with a gauge that is added over nodes and one that is averaged."""

    def __init__(self, node: str, orders: float, hits: float) -> None:
        self.clock = FakeClock(START)
        self.monitor = fake_monitor(self.clock, node=node)
        self.orders, self.hits = orders, hits
        self.monitor.gauge("orders_waiting", lambda: self.orders, unit="orders", label="Orders, waiting", added=True)
        self.monitor.gauge("cache_hits", lambda: self.hits, unit="%")
        self.totals = NodeTotalsSink(self.monitor, hub_of(self.monitor))
        self.monitor.sinks.append(self.totals)

    def batches(self, ticks: int) -> list[Batch]:
        batcher = Batcher(self.monitor.node, self.monitor.boot, self.monitor.host)
        found = [batcher.add(ticked(self.monitor, self.clock)) for _ in range(ticks)]
        return [one for one in (*found, batcher.close()) if one is not None]


@pytest.fixture
def shops(redis, monkeypatch):
    """Ten seconds of two nodes: three and four orders wait, 50 and 100 % hits; stored and rolled up."""
    monkeypatch.setattr(seconds, "_readers", {})
    found = [Shop("web:1", 3, 50.0), Shop("web:2", 4, 100.0)]
    batches = sorted((one for shop in found for one in shop.batches(10)), key=lambda one: one.samples[-1].until)
    for number, one in enumerate(batches):
        at = f"{int(one.samples[-1].until * 1_000)}-{number}"
        redis.xadd(stream.keys().stream, {stream.FIELD: stream.pack(one)}, id=at)
    drain(redis)
    roll_up()
    return found


def around() -> tuple[datetime, datetime]:
    return timestamp(START), timestamp(START + 60)


def test_every_tier_holds_it_for_each_node_and_the_fleet(shops):
    for tier in (Minute, Hour, Day):
        rows = {row.node: row.to_sample().gauges for row in tier.objects.all()}
        assert {name: levels["orders_waiting"].average for name, levels in rows.items()} == {
            "web:1": 3,
            "web:2": 4,
            "": 7,
        }
        assert rows[""]["cache_hits"].average == 75


def test_pages_know_its_label_its_unit_and_since_when(shops):
    gauge = OwnGauge.objects.get(name="orders_waiting")
    assert (gauge.label, gauge.unit, gauge.added) == ("Orders, waiting", "orders", True)
    assert (gauge.first_seen, gauge.last_seen) == (timestamp(START), timestamp(START + 10))


def test_it_is_a_series_of_seconds_and_of_minutes_for_the_fleet_or_some_nodes(shops):
    line = series("orders_waiting", timestamp(START + 5), timestamp(START + 12), points=60)
    assert (line.tier, line.label, line.unit) == ("second", "Orders, waiting", "orders")
    assert line.average == [7, 7, 7, 7, 7, None, None]
    line = series("orders_waiting", timestamp(START - 3 * 3_600), around()[1], points=200)
    assert (line.tier, line.average[-1], line.bounded[-1]) == ("minute", 7, False)
    assert series("orders_waiting", *around(), nodes=["web:1"], points=1).average == [3]


def test_an_unknown_name_is_refused(shops):
    with pytest.raises(
        ValueError, match=r"^metric=order_count: must be one of cpu_percent, .* or a gauge of the project"
    ):
        series("order_count", *around())


def test_the_api_answers_with_it(shops, caller):
    answer = caller.get("/api/series", {"metric": "cache_hits", "from": f"{around()[0].isoformat()}", "points": 1})
    assert (answer.json()["label"], answer.json()["unit"]) == ("Cache hits", "%")
    assert [bucket["average"] for bucket in answer.json()["buckets"]] == [75]
    refused = caller.get("/api/series", {"metric": "order_count"})
    assert (refused.status_code, refused.json()["parameter"]) == (400, "metric")
    assert refused.json()["allowed"].endswith("or a gauge of the project")


def test_exports_have_columns_of_it(shops):
    def lines(**options) -> list[dict]:
        table = Selection(fleet=True, **options).records(*around())
        return [msgspec.json.decode(line) for line in b"".join(written(table, "jsonl")).splitlines()]

    [row] = lines()
    assert (row["orders_waiting_avg"], row["orders_waiting_max"], row["orders_waiting_count"]) == (7, 7, 10)
    assert (row["orders_waiting_extremes"], row["cache_hits_min"], row["cache_hits_max"]) == ("measured", 50, 100)
    assert list(row)[-1] == "extremes"
    [row] = lines(metrics=["cache_hits"], width=300)
    assert list(row)[5:] == ["cache_hits_avg", "cache_hits_min", "cache_hits_max", "cache_hits_count"]
    assert row["cache_hits_avg"] == 75


def test_rows_without_it_are_not_measured_in_an_export(shops):
    stored_minute(START + 60, node="web:9", connections=1)
    table = Selection(metrics=["orders_waiting"], nodes=["web:9"]).records(timestamp(START), timestamp(START + 180))
    [row] = [msgspec.json.decode(line) for line in b"".join(written(table, "jsonl")).splitlines()]
    assert (row["orders_waiting_avg"], row["orders_waiting_min"], row["orders_waiting_count"]) == (None, None, 0)


def test_the_trends_page_has_a_chart_of_it(shops):
    now = datetime.now(UTC)
    context = trends_page(parse({"range": "1h"}, now), now)
    charts = {chart["key"]: chart for chart in context["trend"]["charts"]}
    chart = charts["orders_waiting"]
    assert (chart["title"], chart["unit"], chart["series"][0]["label"]) == (
        "Orders, waiting",
        "orders",
        "Orders, waiting",
    )
    assert 7 in chart["series"][0]["average"]
    earlier = parse({"from": "2020-01-01T00:00", "to": "2020-01-02T00:00"}, now)
    assert trends_page(earlier, now)["trend"] is None


def test_what_the_page_shows_can_be_downloaded(shops, admin_client):
    answer = admin_client.get(reverse("avatar_monitoring:trends-export"), {"range": "1h", "metric": "orders_waiting"})
    assert b"orders_waiting,orders,7.0" in b"".join(answer.streaming_content)


def test_scrapers_get_the_last_value_of_each_node(shops, redis, caller):
    now = float(redis.time()[0])
    for shop in shops:
        redis.hset(key_of(site_name()), shop.monitor.boot, shop.totals.snapshot(now))
    text = caller.get("/metrics").content.decode()
    host = shops[0].monitor.host
    assert f'avatar_project_value{{host="{host}",name="orders_waiting",node="web:1"}} 3.0' in text
    assert f'avatar_project_value{{host="{host}",name="cache_hits",node="web:2"}} 100.0' in text


def test_rules_read_it_for_a_node_and_for_the_fleet(shops):
    rule = Rule("orders_waiting", 5.0, 4.0, "warning", "Orders wait", scope=AlertScope.FLEET)
    [one, *_] = seconds.samples(*around())
    assert value_of(rule, one) == 7
    assert value_of(rule, ticked(shops[0].monitor, shops[0].clock).sample) == 3


def test_a_minute_s_own_page_in_the_admin_shows_it(shops, admin_client):
    row = Minute.objects.of_each_node().get(node="web:1")
    page = admin_client.get(f"/admin/avatar_monitoring/minute/{row.pk}/change/").content.decode()
    assert "orders_waiting: 3.00 (3.00 to 3.00)" in page


def test_readers_that_know_no_gauges_ignore_them(shops):
    class OldSample(msgspec.Struct, kw_only=True):
        start: float
        seconds: float = 0.0

    class OldBatch(msgspec.Struct):
        boot: str
        samples: list[OldSample] = []

    [first, *_] = Shop("web:3", 1, 1.0).batches(1)
    assert msgspec.msgpack.decode(encode(first), type=OldBatch).samples == [OldSample(start=START, seconds=1.0)]


def test_batches_of_a_release_without_gauges_are_read():
    old = msgspec.to_builtins(batch(sample(START)), builtin_types=(bytes,))
    del old["gauges"]
    for one in old["samples"]:
        for field in ("gauges", "loop_lag_ms", "journal_lag_seconds", "store_lag_seconds"):
            del one[field]
    found = decode(msgspec.msgpack.encode(old))
    assert (found.gauges, found.samples[0].gauges, found.samples[0].loop_lag_ms.count) == ([], {}, 0)


@pytest.mark.parametrize(
    "gauges",
    [{"Orders": [1, 1.0, 1.0, 1.0]}, {"orders": [0, 0.0, 1.0, 1.0]}, {"orders": [1, float("inf"), 1.0, 1.0]}],
)
def test_gauges_that_nobody_can_have_measured_are_refused(gauges):
    made = msgspec.to_builtins(batch(sample(START)), builtin_types=(bytes,))
    made["samples"][0]["gauges"] = gauges
    with pytest.raises(ValueError, match=r"^a gauge "):
        decode(msgspec.msgpack.encode(made))
