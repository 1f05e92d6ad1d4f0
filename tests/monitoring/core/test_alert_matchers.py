import pytest

from monitoring.core.alert_matchers import matches, problems_of_matchers

NAMES = {"rule": "cpu_percent", "host": "web-1.example", "client": "", "subject": "web-1.example"}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("web-1.example", True),
        ("web-*", True),
        ("*example", True),
        ("*1*", True),
        ("web*1*ample", True),
        ("*", True),
        ("**", True),
        ("web", False),
        ("*web", False),
        ("web-1.example*web-1.example", False),
        ("web*2*ample", False),
        ("WEB-*", False),
        ("web-?.example", False),
        ("web-[1].example", False),
    ],
)
def test_only_the_asterisk_stands_for_any_text(pattern, expected):
    assert matches({"host": pattern}, NAMES) is expected


def test_all_have_to_match():
    assert matches({"host": "web-*", "rule": "cpu_percent"}, NAMES)
    assert not matches({"host": "web-*", "rule": "memory_percent"}, NAMES)


def test_no_matchers_match_nothing():
    assert not matches({}, NAMES)


def test_a_name_that_the_alert_does_not_have_is_matched_by_nothing():
    assert not matches({"client": "*"}, NAMES)
    assert not matches({"node": "*"}, NAMES)


def test_many_asterisks_take_no_longer():
    assert not matches({"subject": "*a" * 127}, {"subject": "a" * 126 + "b" * 129})


@pytest.mark.parametrize(
    "matchers", [{}, None, "host=web", {"hosts": "web"}, {"host": ""}, {"host": 3}, {"host": "\0"}]
)
def test_what_is_wrong_is_said(matchers):
    assert problems_of_matchers(matchers)


def test_good_ones_have_no_problems():
    assert problems_of_matchers({"host": "web-*", "client": "*"}) == []
