import pytest
from hypothesis import given
from hypothesis import strategies as some

from monitoring.core import alert_matchers
from monitoring.core.alert_matchers import MatcherIndex, matches, problems_of_matchers

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


texts = some.text("ab", max_size=3)
patterns = some.text("ab*", min_size=1, max_size=3)
NAMED = ["rule", "severity", "client", "subject"]


@given(
    some.lists(some.dictionaries(some.sampled_from([*NAMED, "of another release"]), patterns), max_size=8),
    some.lists(some.fixed_dictionaries(dict.fromkeys(NAMED, texts)), max_size=8),
)
def test_an_index_finds_those_that_match(several, alerts):
    index = MatcherIndex((matchers, number) for number, matchers in enumerate(several))
    for names in alerts * 2:
        assert sorted(index.about(names)) == [
            number for number, matchers in enumerate(several) if matches(matchers, names)
        ]


def test_an_index_does_not_grow_without_end(monkeypatch):
    monkeypatch.setattr(alert_matchers, "MOST_KNOWN", 2)
    index = MatcherIndex([({"subject": "a*"}, "all")])
    assert [index.about({"subject": f"a{number}"}) for number in range(5)] == [["all"]] * 5
    assert len(index._known) <= 2


def test_many_asterisks_take_no_longer():
    assert not matches({"subject": "*a" * 127}, {"subject": "a" * 126 + "b" * 129})


@pytest.mark.parametrize(
    "matchers", [{}, None, "host=web", {"hosts": "web"}, {"host": ""}, {"host": 3}, {"host": "\0"}]
)
def test_what_is_wrong_is_said(matchers):
    assert problems_of_matchers(matchers)


def test_good_ones_have_no_problems():
    assert problems_of_matchers({"host": "web-*", "client": "*"}) == []
