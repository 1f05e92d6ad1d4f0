from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerting import live_state, outbox, silences, silencing
from monitoring.alerting.silencing import SilenceError, SilenceOverError
from monitoring.models import Alert, Silence
from tests.monitoring.alerting.firing import client_alerts, firing

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = timezone.now()


def silence(**how) -> Silence:
    known = {"matchers": {"host": "web"}, "reason": "We move it", "by": "ann", "ends_at": NOW + HOUR, "now": NOW}
    return silencing.create(**known | how)


def test_it_hides_what_matches_and_nothing_else():
    ours, _ = firing("web"), firing("db", host="db")
    found = silence()
    assert [alert.pk for alert in silences.hiding(found, NOW)] == [ours.pk]
    assert silences.is_silenced(ours, silences.in_force(NOW))
    assert [(entry.kind, entry.by, entry.text) for entry in ours.entries.all()] == [("silenced", "ann", "We move it")]


@pytest.mark.parametrize(
    ("matchers", "number"),
    [
        ({"client": "avatar-*"}, 12),
        ({"client": "*"}, 12),
        ({"client": "avatar-1*"}, 3),
        ({"rule": "cpu_percent"}, 1),
        ({"metric": "*"}, 13),
        ({"severity": "warning", "host": "web"}, 1),
        ({"severity": "critical", "host": "web"}, 0),
        ({"node": "web:1", "subject": "avatar-3"}, 1),
        ({"subject": "AVATAR-3"}, 0),
    ],
)
def test_how_many_it_would_hide_is_known_before_it_is_saved(matchers, number):
    client_alerts(12)
    firing()
    found = set(silences.matching(matchers))
    assert len(found) == number
    assert found == {alert for alert in Alert.objects.all() if silences.matches(matchers, alert)}


def test_an_alert_of_an_older_release_has_its_metric_as_rule():
    firing(rule="")
    assert silences.matching({"rule": "cpu_percent"}).count() == silences.matching({"rule": "cpu*"}).count() == 1


@given(st.lists(st.text("a*.[\\-\n", min_size=1, max_size=5), min_size=1, max_size=2), st.text("ab.[\\-\n", max_size=5))
def test_the_database_finds_what_the_matchers_match(patterns, subject):
    matchers = dict(zip(("subject", "client"), patterns, strict=False))
    alert = firing(subject, client_id=subject)
    try:
        assert silences.matching(matchers).exists() == silences.matches(matchers, alert)
    finally:
        alert.delete()


def test_a_pattern_of_many_stars_takes_no_longer_than_others():
    firing("a" * 255, client_id="a" * 200)
    hostile = {"subject": "*a" * 120 + "*b", "client": "*" * 255}
    assert not silences.matching(hostile).exists()
    assert silences.matching({**hostile, "subject": "*a" * 120 + "*a"}).exists()


def test_what_any_silence_in_force_hides_is_found_in_the_database():
    ours, _ = firing("web"), firing("db", host="db")
    assert not silences.hidden(NOW).exists()
    silence()
    assert list(silences.hidden(NOW)) == [ours]


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"matchers": {}}, "matchers"),
        ({"matchers": ["host"]}, "matchers"),
        ({"matchers": {"hostname": "web"}}, "matchers"),
        ({"matchers": {"host": ""}}, "matchers"),
        ({"matchers": {"host": 1}}, "matchers"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": NOW}, "ends_at"),
        ({"starts_at": NOW - 2 * HOUR, "ends_at": NOW - HOUR}, "ends_at"),
        ({"ends_at": NOW + 30 * DAY + HOUR}, "ends_at"),
        ({"starts_at": NOW + 367 * DAY, "ends_at": NOW + 368 * DAY}, "starts_at"),
        ({"repeats": "monthly"}, "repeats"),
        ({"repeats": "daily", "ends_at": NOW + DAY}, "ends_at"),
        # As of a program that computed +1d a moment before the silence began.
        ({"repeats": "daily", "ends_at": NOW + DAY - timedelta(microseconds=70)}, "ends_at"),
        ({"repeats": "weekly", "ends_at": NOW + 7 * DAY - timedelta(seconds=59)}, "ends_at"),
    ],
)
def test_what_is_wrong_is_named(how, field):
    with pytest.raises(SilenceError) as refused:
        silence(**how)
    assert refused.value.field == field
    assert not Silence.objects.exists()


def test_there_is_a_limit_to_their_number(monkeypatch):
    monkeypatch.setattr(silencing, "MOST_SILENCES", 1)
    silence()
    with pytest.raises(SilenceError, match="1 silences already"):
        silence()


@pytest.mark.parametrize(
    ("repeats", "quiet"),
    [
        ("", [1.0, 1.9]),
        ("daily", [1.0, 1.9, 25.0, 25.9, 24 * 30 + 1.5]),
        ("weekly", [1.0, 1.9, 24 * 7 + 1.0, 24 * 14 + 1.9]),
    ],
)
def test_a_maintenance_window_starts_later_and_may_repeat(repeats, quiet):
    silence(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, repeats=repeats)
    moments = [0.0, 0.9, 1.0, 1.9, 2.0, 25.0, 25.9, 26.0, 24 * 7 + 1.0, 24 * 14 + 1.9, 24 * 30 + 1.5]
    found = [hours for hours in moments if silences.in_force(NOW + hours * HOUR)]
    if repeats == "daily":
        quiet = [*quiet, 24 * 7 + 1.0, 24 * 14 + 1.9]
    assert found == sorted(quiet)


def test_a_window_that_repeats_pauses_for_a_minute_at_least():
    found = silence(repeats="daily", ends_at=NOW + DAY - timedelta(minutes=1))
    assert not silences.is_in_force(found, NOW + DAY - timedelta(minutes=1))
    assert silences.is_in_force(found, NOW + DAY)
    with pytest.raises(SilenceError, match="by at most 1 day less a minute"):
        silence(repeats="daily", ends_at=NOW + DAY)


def test_a_window_that_has_not_begun_hides_nothing():
    alert = firing()
    found = silence(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    assert (list(silences.hiding(found, NOW)), alert.entries.count()) == ([], 0)


def test_the_end_of_a_repeated_window_is_that_of_its_present_stretch():
    found = silence(ends_at=NOW + HOUR, repeats="daily")
    assert silences.ends_after(found, NOW + 3 * DAY + HOUR / 2) == NOW + 3 * DAY + HOUR
    assert silences.ends_after(found, NOW + 3 * DAY + 2 * HOUR) == NOW + 4 * DAY + HOUR


def test_ending_it_early_is_said_once():
    found = silence(repeats="daily")
    assert silencing.end(found, "bob", now=NOW + HOUR / 2).ended_by == "bob"
    assert silences.in_force(NOW + HOUR / 2) == []
    assert silences.in_force(NOW + DAY) == []
    # The clock of another process may be behind.
    for moment in (NOW + HOUR / 2, NOW + HOUR / 3):
        with pytest.raises(SilenceOverError, match="bob ended it"):
            silencing.end(found, "ann", now=moment)


def test_one_whose_time_is_over_cannot_be_ended():
    with pytest.raises(SilenceOverError) as refused:
        silencing.end(silence(), "bob", now=NOW + HOUR)
    assert (refused.value.by, refused.value.at) == ("", NOW + HOUR)


def test_those_concerned_are_told(monkeypatch):
    told = []
    monkeypatch.setattr(live_state, "publish_on_commit", lambda: told.append("publish"))
    monkeypatch.setattr(outbox, "plan_notices", lambda _: told.append("plan"))
    silencing.end(silence(), "ann", now=NOW)
    assert told == ["publish", "plan"] * 2
