import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from dashboard import alert_page
from monitoring.alerting.attempts import Attempt, record
from monitoring.alerting.channels.answer import failed, sent
from monitoring.core.stats.sketch import Sketch
from monitoring.models import AlertChannel, AlertEntry, JournalCursor, Notice, NoticeAlert, Silence
from tests.dashboard.alerts import operator_client, stored_alert
from tests.dashboard.test_views import InlineCode, body, config_of, hrefs
from tests.monitoring.batches import gauge, minute

pytestmark = pytest.mark.django_db
PATHS = ["/alerts/", "/alerts/silences/", "/alerts/{}/"]


def silence(**matchers: str) -> Silence:
    now = timezone.now()
    return Silence.objects.create(
        matchers=matchers, reason="planned work", by="kim", starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=1),
    )  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_for_viewers_and_need_nothing_inline(viewer, stranger, client, path):
    path = path.format(stored_alert(lasted=None).pk)
    assert client.get(path).status_code == 302
    assert stranger.get(path).status_code == 403
    parser = InlineCode()
    parser.feed(body(viewer.get(path)))
    assert parser.found == []


@pytest.mark.parametrize("path", PATHS)
def test_only_who_may_answer_sees_the_buttons(viewer, path):
    path = path.format(stored_alert(lasted=None).pk)
    silence(rule="x")
    assert 'data-act="' not in body(viewer.get(path))
    assert "answer-dialog" not in body(viewer.get(path))
    assert 'data-act="silence"' in body(operator_client().get(path))


def test_what_fires_comes_first_grouped_by_rule_with_the_most_severe_rule_on_top(viewer):
    stored_alert("over")
    stored_alert("warm", lasted=None)
    stored_alert("warm-too", lasted=None)
    stored_alert("far", lasted=None, metric="latency_ms", severity="critical")
    page = body(viewer.get("/alerts/"))
    assert page.index("Firing now") < page.index("Latency of far") < page.index("CPU of warm is")
    assert page.index("CPU of warm-too") < page.index("History") < page.rindex("CPU of over reached 95.5 %")
    assert re.search(r'<h3 id="rule-2">CPU</h3><span class="panel__count">2<', page)


def test_a_row_tells_duration_last_value_and_peak_with_their_unit(viewer):
    stored_alert(ago=10, lasted=None, last=93.0)
    page = body(viewer.get("/alerts/"))
    for text in ("10 min", "<dd>93 %</dd>", "<dd>95.5 %</dd>", "CPU of vm is 93 %, the limit is 80 %"):
        assert text in page
    assert "See what else runs on this host." in page


def test_a_row_tells_who_acknowledged_it_and_until_when(viewer):
    until = timezone.now() + timedelta(hours=1)
    stored_alert(lasted=None, acknowledged_at=timezone.now(), acknowledged_by="kim", acknowledged_until=until)
    page = body(viewer.get("/alerts/"))
    assert "acknowledged by <bdi>kim</bdi> until" in page
    assert "1, 1 acknowledged" in page


def test_an_acknowledgement_whose_time_is_over_is_none(viewer):
    long_ago = timezone.now() - timedelta(hours=1)
    stored_alert(lasted=None, acknowledged_at=long_ago, acknowledged_by="kim", acknowledged_until=long_ago)
    assert "acknowledged by" not in body(viewer.get("/alerts/"))


def test_many_clients_are_one_row_with_their_growth_and_examples(viewer):
    stored_alert(
        "vm:1", lasted=None, metric="stale_client_seconds", grouped=True, value=11, last=2000, peak=2000,
        examples=[f"client-{number}" for number in range(20)], flapping=True,
    )  # fmt: skip
    page = body(viewer.get("/alerts/"))
    assert "2,000 clients of vm:1 have sent nothing for too long" in page
    assert "+1989 since it began" in page
    assert "20 of these clients" in page
    assert "/clients/client-19/" in hrefs(page)
    assert "flapping" in page


def test_a_silenced_alert_says_so_and_comes_last(viewer):
    stored_alert("quiet", lasted=None, severity="critical")
    stored_alert("loud", lasted=None, metric="latency_ms")
    silence(subject="quiet")
    page = body(viewer.get("/alerts/"))
    assert "silenced: planned work" in page
    assert page.index("Latency of loud") < page.index("CPU of quiet")
    assert "2, 1 silenced" in page


def test_from_every_alert_one_click_leads_to_replay_trends_and_client(viewer):
    began = datetime(2026, 1, 2, 12, 0, 3, tzinfo=UTC)
    fields = {"started_at": began, "ended_at": began + timedelta(minutes=40)}
    stored_alert(metric="latency_ms", **fields)
    one = stored_alert("ann", metric="stale_client_seconds", client_id="ann", **fields)
    for path in ("/alerts/", f"/alerts/{one.pk}/"):
        links = hrefs(body(viewer.get(path)))
        assert "/?at=2026-01-02T12:00:03Z" in links
        assert "/clients/ann/" in links
    links = hrefs(body(viewer.get("/alerts/")))
    assert "/trends/?from=2026-01-02T11:40:03Z&to=2026-01-02T13:00:03Z#latency" in links


def test_an_episode_of_a_percentile_is_on_the_chart_of_its_metric(viewer):
    minute(
        timezone.now().timestamp() // 60 * 60 - 600, latency_ms=gauge(20, 80), latency_sketch=Sketch.of([20.0, 80.0])
    )
    one = stored_alert(metric="p99_latency_ms", scope="node", node="web:1", threshold=70.0)
    (chart,) = config_of(body(viewer.get(f"/alerts/{one.pk}/")), "trend")["charts"]
    assert (chart["title"], chart["threshold"]) == ("Latency", 70.0)
    of_one_client = stored_alert("ann", metric="p95_latency_ms", scope="client", client_id="ann")
    assert 'id="trend"' not in body(viewer.get(f"/alerts/{of_one_client.pk}/"))


def test_an_episode_leads_to_its_rule_as_long_as_there_is_one(viewer):
    of_a_rule = stored_alert(metric="latency_ms", lasted=None)
    of_none = stored_alert("b", rule="once_was", metric="latency_ms", lasted=None)
    for path in (f"/alerts/{of_a_rule.pk}/", "/alerts/"):
        assert "/alerts/rules/latency_ms/" in hrefs(body(viewer.get(path)))
    for path in (f"/alerts/{of_none.pk}/", "/alerts/"):
        assert not [link for link in hrefs(body(viewer.get(path))) if "once_was/" in link]


def test_chips_count_and_switch_what_is_shown(viewer):
    stored_alert("a")
    stored_alert("b", severity="critical", lasted=None)
    page = body(viewer.get("/alerts/?rule=cpu_percent"))
    assert "?rule=cpu_percent&severity=critical" in hrefs(page)
    assert re.search(r'<bdi>critical</bdi> <span class="chip__count">1<', page)
    page = body(viewer.get("/alerts/?severity=critical"))
    assert "CPU of b" in page
    assert "CPU of a" not in page
    assert 'aria-current="true"><bdi>critical' in page


@pytest.mark.parametrize("query", ["severity=info", "metric=latency_ms", "state=firing", "text=nothing", "node=x"])
def test_what_does_not_match_is_not_shown(viewer, query):
    stored_alert()
    page = body(viewer.get(f"/alerts/?{query}"))
    assert "CPU of vm" not in page
    assert "No alert matches this filter" in page


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("severity=loud", "severity=loud: must be one of critical, warning, info"),
        ("episode=x", "episode=x: must be the number of an alert"),
    ],
)
def test_a_filter_that_is_not_understood_is_reported_and_hides_nothing(viewer, query, problem):
    stored_alert()
    page = body(viewer.get(f"/alerts/?{query}"))
    assert problem in page
    assert "CPU of vm" in page


def test_past_episodes_go_on_by_place(viewer):
    for number in range(51):
        stored_alert(f"host-{number:03d}", ago=60 * (number + 1))
    first = body(viewer.get("/alerts/?rule=cpu_percent"))
    assert "CPU of host-049" in first
    assert "host-050" not in first
    [older] = [link for link in hrefs(first) if "before=" in link]
    second = body(viewer.get(f"/alerts/{older}"))
    assert "rule=cpu_percent" in older
    assert "CPU of host-050" in second
    assert "CPU of host-049" not in second
    assert "These are all." in second
    assert viewer.get("/alerts/?before=yesterday").status_code == 400


def test_the_timeline_has_a_bar_for_each_rule_with_a_region_for_each_episode(viewer):
    stored_alert(ago=60)
    stored_alert(ago=120)
    stored_alert("far", metric="latency_ms", severity="critical", lasted=None)
    stored_alert("old", ago=60 * 48)
    page = body(viewer.get("/alerts/"))
    bars = re.findall(r'bars__name">([^<]+)<.*?</span>(\d+)</span>', page)
    assert bars == [("CPU", "2"), ("Latency", "1")]
    assert page.count("<rect data-severity") == 3
    assert body(viewer.get("/alerts/?range=7d")).count("<rect data-severity") == 4


def test_earlier_addresses_of_an_episode_lead_to_its_page(viewer):
    one = stored_alert()
    assert viewer.get(f"/alerts/?episode={one.pk}").url == f"/alerts/{one.pk}/"


@pytest.mark.parametrize("number", ["0", "7", "9" * 30])
def test_an_alert_that_does_not_exist_is_404(viewer, number):
    response = viewer.get(f"/alerts/{number}/")
    assert response.status_code == 404
    assert "There is no alert" in body(response)


def test_an_alert_of_a_site_that_no_longer_stores_is_not_shown_as_firing(viewer):
    now = timezone.now()
    JournalCursor.objects.create(stream="avatar:journal", drained_at=now - timedelta(hours=2))
    stored_alert(ago=180, lasted=None)
    page = body(viewer.get("/alerts/"))
    assert "Firing now" not in page
    assert "<title>Alerts" in page
    assert page.index("End unknown") < page.index("it is not known whether they still are") < page.index("CPU of vm")
    assert "then unknown" in page
    assert "so far" not in page


@pytest.mark.parametrize(
    ("metric", "shown"),
    [("cpu_percent", "95.5 %"), ("latency_ms", "95.5 ms"), ("clock_skew_seconds", "1 min 35 s"), ("queue", "95.5")],
)
def test_a_peak_has_its_unit(viewer, metric, shown):
    stored_alert(metric=metric)
    assert f">{shown}<" in body(viewer.get("/alerts/"))


def test_an_episode_says_how_long_it_lasted_and_why_it_ended(viewer):
    page = body(viewer.get(f"/alerts/{stored_alert(ended='by hand').pk}/"))
    for text in ("CPU of vm reached 95.5 %", "5 min", "somebody resolved it", "91 %", "80 %"):
        assert text in page


def test_an_episode_has_its_log(viewer):
    one = stored_alert(lasted=None)
    AlertEntry.objects.create(alert=one, by="kim", kind="acknowledged", text="I am on it\n<b>")
    AlertEntry.objects.create(alert=one, by="", kind="worse")
    page = body(viewer.get(f"/alerts/{one.pk}/"))
    assert "<bdi>kim</bdi></strong> acknowledged it" in page
    assert "I am on it<br>&lt;b&gt;" in page
    assert "The alert got worse, so the acknowledgement ended" in page


def test_an_episode_says_who_was_told_and_what_they_answered(viewer):
    one = stored_alert(lasted=None)
    channel = AlertChannel.objects.create(name="on-call", kind="webhook")
    for said in (sent("200 OK"), failed("503 Service Unavailable")):
        notice, now = Notice.objects.create(channel=channel, kind="firing"), timezone.now()
        NoticeAlert.objects.create(notice=notice, alert=one, state="firing", severity="warning", peak=95.5)
        assert Notice.objects.claim(notice, now, now + timedelta(minutes=1))
        attempt = Attempt(notice, "site", now)
        attempt.answer = said
        record(attempt)
    page = body(viewer.get(f"/alerts/{one.pk}/"))
    for text in ("on-call", "200 OK", "503 Service Unavailable", ">sent<", ">failed<"):
        assert text in page


def test_an_episode_shows_the_latest_of_many_lines_and_notices_in_order(viewer, monkeypatch):
    monkeypatch.setattr(alert_page, "MOST_LINES", 2)
    monkeypatch.setattr(alert_page, "NOTICES", 2)
    one = stored_alert(lasted=None)
    channel = AlertChannel.objects.create(name="on-call", kind="webhook")
    for number in range(3):
        at = one.started_at + timedelta(seconds=number)
        AlertEntry.objects.create(alert=one, by="kim", kind="commented", text=f"line {number}", at=at)
        answers = [{"at": at.isoformat(), "ok": True, "text": f"answer {number}", "seconds": 0.1}]
        notice = Notice.objects.create(channel=channel, created_at=at, sent_at=at, answers=answers)
        NoticeAlert.objects.create(notice=notice, alert=one, state="firing", severity="warning", peak=95.5)
    page = body(viewer.get(f"/alerts/{one.pk}/"))
    for what in ("line", "answer"):
        assert f"{what} 0" not in page
        assert page.index(f"{what} 1") < page.index(f"{what} 2")


def test_silences_list_what_each_hides_now(viewer):
    stored_alert("quiet", lasted=None)
    hiding = silence(subject="qu*")
    silence(host="nobody")
    later = Silence.objects.create(
        matchers={"node": "vm:1"}, reason="upgrade", by="kim", starts_at=timezone.now() + timedelta(hours=1),
        ends_at=timezone.now() + timedelta(hours=2),
    )  # fmt: skip
    page = body(viewer.get("/alerts/silences/"))
    assert f'id="silence-{hiding.pk}"' in page
    assert "Hides 1 firing alert now" in page
    assert "CPU of quiet" in page
    assert "Hides nothing now" in page
    assert page.index("In force") < page.index("To come") < page.index("upgrade")
    assert later.get_repeats_display() == "once"


def test_an_alerts_page_makes_a_fixed_number_of_queries(viewer, django_assert_max_num_queries):
    for number in range(30):
        stored_alert(f"vm-{number}", lasted=None if number % 2 else 5, node=f"vm:{number % 4}")
    with django_assert_max_num_queries(26):
        viewer.get("/alerts/")
