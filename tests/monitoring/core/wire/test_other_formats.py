import logging

from monitoring.core.wire.other_formats import MOST_REMEMBERED, SaidOnce


def lines(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_each_peer_and_kind_is_logged_once(caplog):
    said = SaidOnce(logging.getLogger("test"))
    for _ in range(3):
        said.warn("The totals", "boot a", "of version 2")
        said.warn("The totals", "boot b", "of version 2")
        said.warn("A message", "boot a", "of version 2")
    assert lines(caplog) == [
        "The totals of boot a: of version 2; this is logged once",
        "The totals of boot b: of version 2; this is logged once",
        "A message of boot a: of version 2; this is logged once",
    ]


def test_a_thousand_pairs_are_remembered(caplog):
    said = SaidOnce(logging.getLogger("test"))
    for number in range(MOST_REMEMBERED + 1):
        said.warn("The totals", str(number), "of version 2")
    said.warn("The totals", str(MOST_REMEMBERED), "of version 2")
    assert len(lines(caplog)) == MOST_REMEMBERED + 1
    said.warn("The totals", "0", "of version 2")
    assert len(lines(caplog)) == MOST_REMEMBERED + 2
