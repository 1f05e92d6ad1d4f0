from monitoring.core.departed_counts import COUNTED, MOST_NODES, DepartedCounts
from monitoring.core.message import Report
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch
from tests.fakes import FakeProbe, fake_monitor


def report(boot: str, messages: int, **more) -> Report:
    server = {"total_messages": messages, **more}
    return Report("web:1", "web", 1.0, 1, {}, server, [], Gauge(), Sketch(), boot=boot)


def beside(departed: DepartedCounts, moment: float, *reports: Report) -> int:
    return departed.beside(reports, moment).get("total_messages", 0)


def noted(*moments: tuple[Report, ...]) -> DepartedCounts:
    departed = DepartedCounts()
    for moment, reports in enumerate(moments, start=1):
        departed.note(reports, moment)
    return departed


def test_current_reports_are_not_included():
    both = report("a", 600), report("b", 400)
    assert beside(noted(both), 1, *both) == 0


def test_the_counts_of_a_node_stay_when_it_is_gone():
    departed = noted((report("a", 600), report("b", 400)), (report("a", 610),))
    assert beside(departed, 3, report("a", 620)) == 400


def test_a_returning_node_is_counted_once():
    departed = noted((report("a", 600), report("b", 400)), (report("a", 610),), (report("a", 620), report("b", 450)))
    assert beside(departed, 3, report("a", 620), report("b", 450)) == 0


def test_a_restarted_node_adds_to_the_counts_under_its_name():
    departed = noted((report("a", 600), report("b", 400)), (report("a", 700), report("c", 5)))
    assert beside(departed, 2, report("a", 700), report("c", 5)) == 400
    assert beside(departed, 3, report("a", 710)) == 405


def test_the_past_does_not_include_nodes_that_left_later():
    departed = noted((report("a", 600),), (report("a", 600), report("b", 400)))
    assert beside(departed, 1, report("a", 500)) == 0


def test_refused_connections_stay_by_cause():
    refused = {"origin": 3, "in_use": 1}
    departed = noted(
        (report("a", 1), report("b", 1, refused=refused)), (report("a", 1), report("c", 1, refused=refused))
    )
    assert departed.beside([report("a", 1)], 3)["refused"] == {"origin": 6, "in_use": 2}


def test_every_growing_server_figure_is_remembered(clock):
    metrics = fake_monitor(clock, FakeProbe()).collector.get_server_metrics()
    assert {name for name, value in metrics.items() if type(value) is int} - {"active_connections"} <= {*COUNTED}


def test_it_stays_small_and_loses_nothing():
    departed = noted(*((report(f"b{number}", 1),) for number in range(MOST_NODES + 50)))
    assert len(departed._nodes) == MOST_NODES
    assert beside(departed, 10_000, report("a", 0)) == MOST_NODES + 50
