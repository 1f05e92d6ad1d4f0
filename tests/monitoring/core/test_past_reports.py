import msgspec

from monitoring.core.message import Report
from monitoring.core.own_gauges import GaugeReading
from monitoring.core.past_reports import LEFT_OUT, PastReports
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch
from monitoring.core.view import Rows
from tests.fakes import START


def report(seq: int, **values: object) -> Report:
    """A report with something in every field."""
    found = Report(
        node="web-1",
        host="host",
        timestamp=START + seq,
        seq=seq,
        system={"cpu_percent": 12.5, "memory_percent": None},
        server={
            "active_connections": 3,
            "round_trips": "ping frames",
            "refused": {"rate": 2},
            "journal": {"since": None},
            "nothing": {},
        },
        alerts=[{"rule": "cpu_percent"}],
        latency=Gauge.of(20.0),
        latency_sketch=Sketch.of([20.0, 30.0]),
        rows={"view": Rows(1, [{"client_id": "ada"}])},
        interval=2.0,
        drawing=Gauge(),
        boot="boot-1",
        clock_skew_seconds=-0.3,
        alerts_total=1,
        looked_at={"ada": {"client_id": "ada", "latency_ms": 20.0}},
        frame_rates=Sketch.of([60.0]),
        verdicts={"fine": 3},
        states={"live": 3},
        gauges=[GaugeReading("players", "Players", "", True, 7.0), GaugeReading("queue", "Queue", "jobs", False, None)],
    )
    return msgspec.structs.replace(found, **values)


def without_what_is_left_out(whole: Report) -> Report:
    return msgspec.structs.replace(whole, rows={}, alerts=[])


def test_a_report_comes_back_as_it_was_without_rows_and_alerts():
    past = PastReports(60)
    past.add(5.0, report(1))
    assert list(past) == [(5.0, without_what_is_left_out(report(1)))]


def test_every_field_of_a_report_is_kept_but_rows_and_alerts():
    past = PastReports(60)
    past.add(5.0, report(1))
    ((_, kept),) = past
    empty = Report("", "", 0.0, 0, {}, {}, [], Gauge(), Sketch())
    for name in set(Report.__struct_fields__).difference(LEFT_OUT, ["drawing"]):
        assert getattr(kept, name) != getattr(empty, name), name


def test_it_holds_the_last_ones_oldest_first():
    past = PastReports(3)
    for seq in range(5):
        past.add(float(seq), report(seq))
    assert [(moment, kept.seq) for moment, kept in past] == [(2.0, 2), (3.0, 3), (4.0, 4)]
    assert (len(past), past.moment) == (3, 4.0)
    assert [kept.seq for _, kept in past.latest(2)] == [3, 4]
    assert list(past.latest(9)) == list(past)


def test_reports_with_other_keys_names_and_gauges_stand_beside_each_other():
    renamed = report(2, node="web-2", server={"refused": {"rate": 2, "size": 1}, "verdicts": [1, 2]}, gauges=[])
    past = PastReports(60)
    for moment, one in enumerate((report(1), renamed, report(3))):
        past.add(float(moment), one)
    assert [kept for _, kept in past] == [without_what_is_left_out(one) for one in (report(1), renamed, report(3))]


def test_setting_the_clock_moves_what_is_kept():
    past = PastReports(60)
    past.add(5.0, report(1))
    past.move(3_600.0)
    past.add(6.0, report(2))
    past.move(-10.0)
    assert [(moment, kept.timestamp) for moment, kept in past] == [(5.0, START + 3_591), (6.0, START - 8)]
