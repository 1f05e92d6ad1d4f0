import msgspec

from monitoring.core.departed_counts import MOST_NODES, DepartedCounts
from monitoring.core.message import Report, fleet
from monitoring.core.sample import Gauge
from monitoring.core.sketch import Sketch


def report(boot: str, messages: int) -> Report:
    return Report("web:1", "web", 1.0, 1, {}, {"total_messages": messages}, [], Gauge(), Sketch(), boot=boot)


def beside(departed: DepartedCounts, moment: float, *reports: Report) -> int:
    return departed.beside(reports, moment)["total_messages"]


def noted(*moments: tuple[Report, ...]) -> DepartedCounts:
    departed = DepartedCounts()
    for moment, reports in enumerate(moments, start=1):
        departed.note(reports, moment)
    return departed


def test_what_is_told_now_is_not_beside_it():
    both = report("a", 600), report("b", 400)
    assert beside(noted(both), 1, *both) == 0


def test_what_a_node_had_counted_stays_when_it_is_gone():
    departed = noted((report("a", 600), report("b", 400)), (report("a", 610),))
    assert beside(departed, 3, report("a", 620)) == 400


def test_a_node_that_is_back_is_counted_once():
    departed = noted((report("a", 600), report("b", 400)), (report("a", 610),), (report("a", 620), report("b", 450)))
    assert beside(departed, 3, report("a", 620), report("b", 450)) == 0


def test_a_node_that_started_anew_under_its_name_adds_to_what_it_had_counted():
    departed = noted((report("a", 600), report("b", 400)), (report("a", 700), report("c", 5)))
    assert beside(departed, 2, report("a", 700), report("c", 5)) == 400
    assert beside(departed, 3, report("a", 710)) == 405


def test_the_past_knows_nothing_of_who_left_later():
    departed = noted((report("a", 600),), (report("a", 600), report("b", 400)))
    assert beside(departed, 1, report("a", 500)) == 0


def test_it_stays_small_and_loses_nothing():
    departed = noted(*((report(f"b{number}", 1),) for number in range(MOST_NODES + 50)))
    assert len(departed._nodes) == MOST_NODES
    assert beside(departed, 10_000, report("a", 0)) == MOST_NODES + 50


def test_refusals_do_not_go_back_when_a_node_leaves():
    def told(boot: str, **refused: int) -> Report:
        server = {"total_messages": 1, "sessions_left_out": 2, "uptime_seconds": 1.0, "messages_per_second": 0.0}
        return msgspec.structs.replace(report(boot, 1), server={**server, "refused": refused})

    a, b, c = told("a", origin=3), told("b", origin=5, name=1), told("c")
    departed = noted((a, b, c), (a, c), (a,))
    assert fleet([a, b, c], departed.beside([a, b, c], 1))["refused"] == {"origin": 8, "name": 1}
    for left in ([a, c], [a], [c]):
        server = fleet(left, departed.beside(left, 3))
        assert (server["refused"], server["sessions_left_out"]) == ({"origin": 8, "name": 1}, 6)
