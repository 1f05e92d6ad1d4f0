from monitoring.core.departed_counts import MOST_LIVES, DepartedCounts
from monitoring.core.message import Report
from monitoring.core.sample import Gauge
from monitoring.core.sketch import Sketch


def report(node: str, at: float, messages: int, uptime: float = 100.0) -> Report:
    server = {"uptime_seconds": uptime, "total_messages": messages}
    return Report(node, "web", at, 1, {}, server, [], Gauge(), Sketch())


def beside(departed: DepartedCounts, *reports: Report) -> int:
    return departed.beside(reports, reports[0].timestamp)["total_messages"]


def noted(*moments: tuple[Report, ...]) -> DepartedCounts:
    departed = DepartedCounts()
    for reports in moments:
        departed.note(reports)
    return departed


def test_what_is_told_now_is_not_beside_it():
    both = report("a", 1, 600), report("b", 1, 400)
    assert beside(noted(both), *both) == 0


def test_what_a_node_had_counted_stays_when_it_is_gone():
    departed = noted((report("a", 1, 600), report("b", 1, 400)), (report("a", 2, 610),))
    assert beside(departed, report("a", 3, 620)) == 400


def test_a_node_that_is_back_is_counted_once():
    departed = noted((report("a", 1, 600), report("b", 1, 400)), (report("a", 2, 610),))
    back = report("a", 3, 620), report("b", 3, 450)
    departed.note(back)
    assert beside(departed, *back) == 0


def test_a_node_that_started_anew_under_its_name_adds_to_what_it_had_counted():
    departed = noted((report("a", 1, 600), report("b", 1, 400, uptime=50)), (report("b", 9, 5, uptime=2),))
    assert beside(departed, report("a", 9, 700), report("b", 9, 5, uptime=2)) == 400
    assert beside(departed, report("a", 10, 710)) == 405


def test_the_past_knows_nothing_of_who_left_later():
    departed = noted((report("a", 5, 600), report("b", 5, 400)))
    assert beside(departed, report("a", 3, 500)) == 0


def test_it_stays_small_and_loses_nothing():
    departed = DepartedCounts()
    for number in range(MOST_LIVES + 50):
        departed.note([report("b", number, 1, uptime=1_000_000.0 - number)])
    assert beside(departed, report("a", 10_000, 0)) == MOST_LIVES + 50
