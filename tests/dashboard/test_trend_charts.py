from datetime import UTC, datetime, timedelta

import pytest

from dashboard.events import Events
from dashboard.periods import Period, parse
from dashboard.trend_charts import CHARTS, METRICS, as_json, chart_of, total, trend_of
from monitoring.core.stats.sketch import Sketch
from monitoring.history.annotations import Mark
from monitoring.models import Alert, Node
from tests.monitoring.batches import gauge, minute

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
THRESHOLDS = {"cpu_percent": 80.0}


def ago(**length: float) -> float:
    return (NOW - timedelta(**length)).timestamp()


def hour(**query: str) -> Period:
    return parse({"range": "1h", **query}, NOW)


def shown(period: Period, alerts: list[Alert] | None = None, marks: list[Mark] | None = None) -> dict:
    return as_json(trend_of(period), Events(alerts or [], marks or []), THRESHOLDS, "/export/?from=x")


def chart(data: dict, key: str) -> dict:
    return next(chart for chart in data["charts"] if chart["key"] == key)


def known(values: list) -> list:
    return [value for value in values if value is not None]


def alert(metric: str = "cpu_percent", started: float = 10, ended: float | None = None) -> Alert:
    moments = [None if minutes is None else NOW - timedelta(minutes=minutes) for minutes in (started, ended)]
    return Alert(
        pk=7, rule=metric, metric=metric, subject="web", message="High", value=90, threshold=80, peak=95,
        grouped=False, reason="", started_at=moments[0], ended_at=moments[1],
    )  # fmt: skip


def test_every_metric_of_the_history_has_a_chart():
    assert [chart.key for chart in CHARTS] == [
        "cpu",
        "memory",
        "network",
        "clients",
        "messages",
        "latency",
        "fps",
        "frames",
        "loop_lag_ms",
    ]
    assert all(trend_of(hour()).series[metric].unit is not None for metric in METRICS)


def test_a_range_without_minutes_is_empty():
    assert trend_of(hour()).is_empty
    minute(ago(minutes=30), connections=3)
    assert not trend_of(hour()).is_empty


def test_all_series_share_their_times_and_gaps_stay_gaps():
    minute(ago(minutes=30), connections=3)
    data = shown(hour())
    lines = [line for one in data["charts"] for line in one["series"]]
    assert len(data["times"]) == len(data["coverage"]) == 60
    assert {len(line["average"]) for line in lines} == {60}
    assert chart(data, "clients")["series"][0]["average"].count(None) == 59


def test_a_chart_has_the_threshold_and_alerts_of_its_metric_only():
    data = shown(hour(), [alert("cpu_percent"), alert("latency_ms")])
    assert [len(chart(data, key)["alerts"]) for key in ("cpu", "latency", "memory", "clients")] == [1, 1, 0, 0]
    assert (chart(data, "cpu")["threshold"], chart(data, "clients")["threshold"]) == (80.0, None)


def test_alerts_are_cut_to_the_range_and_link_to_themselves():
    over, still = (
        chart(shown(hour(), [one]), "cpu")["alerts"][0] for one in (alert(started=90, ended=30), alert(started=10))
    )
    assert (over["start"], over["end"]) == (ago(hours=1), ago(minutes=30))
    assert (still["start"], still["end"], still["url"]) == (ago(minutes=10), ago(), "/alerts/7/")


def test_marks_are_drawn_on_all_charts():
    data = shown(hour(), marks=[Mark(NOW - timedelta(minutes=5), "release", "deploy")])
    assert data["marks"] == [{"at": ago(minutes=5), "text": "release", "kind": "deploy"}]


def test_each_chart_has_an_export_of_its_metrics():
    assert chart(shown(hour()), "network")["export_url"].endswith("&metric=network_sent_rate&metric=network_recv_rate")


def test_the_tiles_show_average_extremes_and_when_they_occurred():
    minute(ago(minutes=30), cpu_percent=gauge(10, 20))
    minute(ago(minutes=20), cpu_percent=gauge(90))
    figures = total(trend_of(hour()).series["cpu_percent"])
    assert (figures.average, figures.minimum, figures.maximum, figures.maximum_at) == (40, 10, 90, ago(minutes=20))


def test_the_p95_covers_all_readings_and_is_not_a_mean_of_percentiles():
    for age, values in ((30, [1.0] * 99), (20, [100.0])):
        minute(ago(minutes=age), latency_ms=gauge(*values), latency_sketch=Sketch.of(values))
    series = trend_of(hour()).series
    assert total(series["latency_ms"]).p95 == pytest.approx(1.0, rel=0.0101)
    assert total(series["connections"]).p95 is None


def test_unmeasured_ranges_have_no_figures():
    figures = total(trend_of(hour()).series["latency_ms"]).as_dict()
    assert (figures.pop("bounded"), {*figures.values()}) == (False, {None})


def test_the_previous_period_is_aligned_with_this_one():
    for age in range(1, 121):
        minute(ago(minutes=age), connections=4 if age <= 60 else 2)
    line = chart(shown(hour(compare="previous")), "clients")["series"][0]
    assert (set(line["average"]), set(line["earlier"])) == ({4}, {2})
    assert (line["total"]["average"], line["total"]["before"]) == (4, 2)


def test_the_same_time_last_week_is_aligned_with_this_one():
    minute(ago(minutes=30), connections=4)
    minute(ago(days=7, minutes=30), connections=3)
    line = chart(shown(hour(compare="week")), "clients")["series"][0]
    assert line["average"].index(4) == line["earlier"].index(3)


def test_without_comparison_there_is_no_earlier_line():
    minute(ago(minutes=30), connections=4)
    line = chart(shown(hour()), "clients")["series"][0]
    assert (line["earlier"], line["total"]["before"]) == ([], None)


def test_an_average_is_not_compared_with_that_of_a_few_minutes():
    for age in range(1, 61):
        minute(ago(minutes=age), connections=4)
    minute(ago(minutes=70), connections=2)
    line = chart(shown(hour(compare="previous")), "clients")["series"][0]
    assert (known(line["earlier"]), line["total"]["before"]) == ([2], None)


def test_odd_ranges_are_compared_bucket_by_bucket():
    period = parse({"from": "2026-01-02T10:00:17", "to": "2026-01-02T11:00:41", "compare": "previous"}, NOW)
    trend = trend_of(period)
    assert trend.shift % trend.any_series.bucket_seconds == 0
    earlier = next(iter(trend.earlier.values()))
    assert [time - trend.shift for time in trend.any_series.times] == earlier.times


def test_a_subset_of_the_metrics_has_the_same_buckets_as_all():
    minute(ago(minutes=30), connections=4)
    part, every = trend_of(hour(), ["connections"]), trend_of(hour())
    assert list(part.series) == ["connections"]
    assert (part.any_series.times, part.measured) == (every.any_series.times, every.measured)


def test_one_node_can_be_shown_alone():
    for number in (1, 2):
        node = f"web:{number}"
        Node.objects.create(node=node, boot=node, host="web", first_seen=NOW, last_seen=NOW)
        minute(ago(minutes=30), node=node, connections=number)
    found = [shown(hour(**query)) for query in ({}, {"node": "web:1"}, {"node": "web:2"})]
    assert [known(chart(one, "clients")["series"][0]["average"]) for one in found] == [[3], [1], [2]]


def test_alerts_know_their_chart():
    assert chart_of("latency_ms").key == "latency"
    assert chart_of("stale_client_seconds") is None
