import re
from collections import Counter

import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as parse_classic

from monitoring.core.journal_state import JournalState
from monitoring.core.meter import Cost
from monitoring.core.metrics import SystemMetrics
from monitoring.core.stats.sketch import Sketch
from monitoring.fleet.totals import AlertCount, ServerTotals
from tests.monitoring.fleet.test_totals import node, written

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
CLIENTS = [f"avatar-{number}" for number in range(500)]
LATENCIES = [0.4, 3.0, 30.0, 30.0, 700.0]


def full(name: str, host: str, **more):
    """A node with a value for everything."""
    return node(
        name,
        host=host,
        build={"python": "3.11.7"},
        ticked_at=1_700_000_000.0,
        messages=1_000,
        latency_ms=sum(LATENCIES),
        latency_sketch=Sketch.of(LATENCIES),
        frame_time_sketch=Sketch.of([16.6, 33.3]),
        system=SystemMetrics(0.0, 25.0, 50.0, 512.0, 1024.0, 1.5, 2.5),
        server=ServerTotals(
            active_connections=500, uptime_seconds=60.0, fps=58.0, paused_reads=0, closed_slow=1,
            refused_messages=2, refused={"origin": 3, "ticket": 1}, sessions_left_out=0,
            viewers=3, skipped_frames=4, errors=0, verdicts={"fine": 490, "network": 10},
            monitor=Cost(budget_percent=1.0, interval=1.0, tick_lag_ms=1.0, loop_lag_ms=2.0),
        ),
        alerts=[AlertCount("cpu_percent", "warning", 1), AlertCount("stale_client_seconds", "info", 500)],
        journal=JournalState(), journal_appended=7,
        breakdowns={"verdicts": {"fine": 29_400, "network": 600}, "departures": {"client_lost /ws/*/": 8}},
        **more,
    )  # fmt: skip


@pytest.fixture
def fleet(redis):
    """Three nodes on two hosts."""
    for name, host in (("app:1", "app"), ("web:1", "web"), ("web:2", "web")):
        written(redis, full(name, host))


def text(caller, accept: str = OPENMETRICS) -> str:
    response = caller.get("/metrics", headers={"Accept": accept})
    assert response.status_code == 200, response.content
    return response.content.decode()


def families(caller) -> dict:
    return {family.name: family for family in text_string_to_metric_families(text(caller))}


def values(family, **labels) -> list[float]:
    return [sample.value for sample in family.samples if labels.items() <= sample.labels.items()]


def test_it_covers_the_whole_fleet(caller, fleet):
    found = families(caller)
    assert values(found["avatar_nodes"]) == [3]
    assert [sample.labels for sample in found["avatar_connections"].samples] == [
        {"host": "app", "node": "app:1"}, {"host": "web", "node": "web:1"}, {"host": "web", "node": "web:2"},
    ]  # fmt: skip


def test_a_hosts_measures_appear_once_however_many_nodes_it_has(caller, fleet):
    found = families(caller)
    assert values(found["avatar_host_cpu_ratio"], host="web") == [0.25]
    assert values(found["avatar_host_alerts_firing"], host="web", metric="cpu_percent") == [1]


def test_a_hosts_measures_come_from_the_node_that_ticked_last(caller, redis):
    written(redis, full("web:1", "web"))
    stalled = full("web:2", "web")
    stalled.ticked_at -= 30
    stalled.system.cpu_percent = 99.0
    written(redis, stalled)
    assert values(families(caller)["avatar_host_cpu_ratio"]) == [0.25]


def test_counters_begin_when_the_node_does(caller, fleet):
    samples = families(caller)["avatar_messages_received"].samples
    assert values(families(caller)["avatar_messages_received"], node="app:1") == [1000, 5]
    assert {sample.name for sample in samples} == {
        "avatar_messages_received_total", "avatar_messages_received_created"
    }  # fmt: skip


def test_latencies_are_histograms_in_seconds(caller, fleet):
    samples = [s for s in families(caller)["avatar_latency_seconds"].samples if s.labels["node"] == "app:1"]
    found = {(sample.name, sample.labels.get("le")): sample.value for sample in samples}
    assert found["avatar_latency_seconds_bucket", "0.001"] == 1
    assert found["avatar_latency_seconds_bucket", "0.05"] == 4
    assert found["avatar_latency_seconds_bucket", "1.0"] == found["avatar_latency_seconds_count", None] == 5
    assert found["avatar_latency_seconds_sum", None] == pytest.approx(0.7634)


def test_it_contains_the_versions_of_each_node(caller, fleet):
    assert families(caller)["avatar_build"].samples[0].labels == {"host": "app", "node": "app:1", "python": "3.11.7"}


def test_buckets_never_descend_and_end_with_the_count(caller, fleet):
    for family in families(caller).values():
        if family.type == "histogram":
            for name in ("app:1", "web:1"):
                mine = [sample for sample in family.samples if sample.labels["node"] == name]
                buckets = [sample.value for sample in mine if sample.name.endswith("_bucket")]
                count = next(sample.value for sample in mine if sample.name.endswith("_count"))
                assert buckets == sorted(buckets)
                assert buckets[-1] == count


def test_every_family_has_a_help_text(caller, fleet):
    for family in families(caller).values():
        assert family.documentation.endswith("."), family.name
        assert family.type != "unknown", family.name


def test_names_have_our_prefix_and_end_with_their_unit(caller, fleet):
    for family in families(caller).values():
        assert re.fullmatch(r"avatar_[a-z_]+", family.name)
        assert family.name.endswith(family.unit)
        found = {sample.name.removeprefix(family.name) for sample in family.samples}
        suffixes = {"counter": {"_total", "_created"}, "histogram": {"_bucket", "_count", "_sum"}, "info": {"_info"}}
        assert found <= suffixes.get(family.type, {""}), family.name
        assert not re.search(r"(total|count|sum|bucket|info|created)$", family.name), family.name


def test_names_spell_out_base_units_and_contain_no_types(caller, fleet):
    words = {word for name in families(caller) for word in name.split("_")}
    assert not words & {"ms", "milliseconds", "minutes", "mb", "kb", "percent", "counter", "gauge", "histogram"}


def test_no_series_is_repeated(caller, fleet):
    series = Counter(
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in families(caller).values()
        for sample in family.samples
    )
    assert [name for name, times in series.items() if times > 1] == []


def test_no_label_names_a_client(caller, fleet):
    labels = {label for family in families(caller).values() for sample in family.samples for label in sample.labels}
    assert labels == {"host", "node", "le", "metric", "severity", "cause", "python", "verdict", "path"}


def test_its_size_does_not_depend_on_the_number_of_clients(caller, redis):
    small, large = full("web:1", "web"), full("web:1", "web")
    small.server = msgspec.structs.replace(small.server, active_connections=1)
    large.server = msgspec.structs.replace(large.server, active_connections=10_000)
    large.alerts = [AlertCount("cpu_percent", "warning", 1), AlertCount("stale_client_seconds", "info", 9_999)]
    sizes = []
    for one in (small, large):
        written(redis, one)
        sizes.append(len(text(caller).splitlines()))
    assert sizes[0] == sizes[1]


def test_the_classic_text_has_the_same_content(caller, fleet):
    response = caller.get("/metrics")
    assert response["Content-Type"].startswith("text/plain; version=")
    found = {family.name: family for family in parse_classic(response.content.decode())}
    assert values(found["avatar_messages_received"], node="web:1") == [1000]
    assert all(family.documentation for family in found.values())


def test_its_content_type_matches_the_text(caller, fleet):
    response = caller.get("/metrics", headers={"Accept": OPENMETRICS})
    assert response["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert response.content.endswith(b"# EOF\n")


def test_prometheus_gets_it_compressed(caller, fleet):
    response = caller.get("/metrics", headers={"Accept": OPENMETRICS, "Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"


def test_it_is_never_cached(caller, fleet):
    assert "no-store" in caller.get("/metrics")["Cache-Control"]


def test_an_empty_fleet_is_answered_too(caller, redis):
    found = families(caller)
    assert values(found["avatar_nodes"]) == [0]


def test_unknown_values_are_left_out(caller, redis):
    written(redis, node("bare:1"))
    found = families(caller)
    assert found["avatar_host_cpu_ratio"].samples == []
    assert values(found["avatar_latency_seconds"], le="+Inf") == [0]


def test_strangers_get_nothing(client, bearer, redis):
    response = client.get("/metrics")
    assert (response.status_code, response.json()["error"]) == (401, "not_signed_in")


def test_without_redis_it_says_so_without_details(caller, settings):
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    response = caller.get("/metrics")
    assert (response.status_code, response.json()["error"]) == (503, "redis_away")
    assert "secret" not in response.content.decode()


def test_without_a_redis_url_it_says_what_is_missing(caller, settings):
    del settings.REDIS_URL
    response = caller.get("/metrics")
    assert (response.status_code, response.json()["error"]) == (503, "no_redis")


def test_names_of_hosts_are_escaped(caller, redis):
    written(redis, node('we"b\\\n:1', host='we"b\\\n'))
    assert families(caller)["avatar_uptime_seconds"].samples == []
    assert values(families(caller)["avatar_messages_received"], host='we"b\\\n')


def test_a_snapshot_of_this_release_is_msgpack():
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(full("web:1", "web")))["node"] == "web:1"


def test_two_nodes_with_one_name_have_separate_series(caller, redis):
    for boot in ("aaaa1111", "bbbb2222"):
        written(redis, full("web:1", "web", boot=boot))
    assert len(families(caller)["avatar_messages_received"].samples) == 4
    for boot in ("aaaa", "bbbb"):
        assert values(families(caller)["avatar_connections"], node=f"web:1#{boot}") != []


def test_refused_connections_are_counted_by_cause(caller, fleet):
    refused = families(caller)["avatar_connections_refused"]
    counts = {
        sample.labels["cause"]: sample.value
        for sample in refused.samples
        if sample.name.endswith("_total") and sample.labels["node"] == "web:1"
    }
    assert counts == {"origin": 3, "ticket": 1}
