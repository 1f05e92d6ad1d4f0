import sys

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from monitoring.alerting import channel_failures
from monitoring.alerting.encryption import decrypted
from monitoring.models import Alert, AlertChannel, Notice
from tests.monitoring.alerting.rows import NOW, channel, firing_alert, waiting_notice, webhook
from tests.receivers import HttpReceiver, http_receiver

pytestmark = pytest.mark.django_db

LIST = reverse("admin:avatar_monitoring_alertchannel_changelist")
ADD = reverse("admin:avatar_monitoring_alertchannel_add")
TARGET, SECRET = "https://example.com/alerts/path-of-the-target", "key-of-the-signatures"


@pytest.fixture
def receiver():
    with http_receiver() as one:
        yield one


def page_of(row: AlertChannel) -> str:
    return reverse("admin:avatar_monitoring_alertchannel_change", args=[row.pk])


def form(**fields) -> dict:
    return {
        "name": "operators", "kind": "webhook", "enabled": "on", "severity": "warning", "matchers": "{}",
        "new_target": TARGET, "new_secret": SECRET, "group_minutes": 15, "repeat_minutes": 240,
        "escalates_after_minutes": 0, "tells_resolved": "on",
    } | fields  # fmt: skip


def errors(response) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


def test_target_and_secret_are_entered_and_never_shown_again(admin_client, caplog):
    assert admin_client.post(ADD, form()).status_code == 302
    row = AlertChannel.objects.get()
    assert (decrypted(row.target), decrypted(row.secret), row.changed_by) == (TARGET, SECRET, "admin")
    admin_client.post(page_of(row), form(new_target="", new_secret="", name="renamed"))
    row.refresh_from_db()
    assert (row.name, decrypted(row.target)) == ("renamed", TARGET)
    pages = admin_client.get(page_of(row)).content.decode() + admin_client.get(LIST).content.decode()
    assert "https://example.com/…" in pages
    said = pages + caplog.text + "".join(entry.change_message for entry in LogEntry.objects.all())
    for hidden in ("path-of-the-target", SECRET, row.target, row.secret):
        assert hidden not in said


def test_what_was_entered_is_not_shown_again_with_an_error_either(admin_client):
    page = admin_client.post(ADD, form(group_minutes="many")).content.decode()
    assert "path-of-the-target" not in page
    assert SECRET not in page


@pytest.mark.parametrize(
    ("fields", "column", "said"),
    [
        ({"new_target": ""}, "new_target", "must be a URL such as https://example.com/alerts"),
        ({"new_target": "ftp://secret/"}, "new_target", "must be a URL such as https://example.com/alerts"),
        ({"new_secret": "short"}, "new_secret", "must be at least 16 printable ASCII characters without spaces"),
        ({"new_secret": ""}, "new_secret", "must be at least 16 printable ASCII characters without spaces"),
        ({"kind": "email", "new_target": "ann", "new_secret": ""}, "new_target", "ann is not an e-mail address"),
        (
            {"kind": "apprise", "new_target": "x://s", "new_secret": ""},
            "new_target",
            "x://… is not a valid URL of Apprise",
        ),
        ({"kind": "apprise", "new_target": "json://a"}, "new_secret", "must be empty for apprise"),
        ({"matchers": '{"colour": "red"}'}, "matchers", "colour is not a matcher"),
        ({"group_minutes": 99_999}, "group_minutes", "must be at most 10080"),
    ],
)
def test_what_is_wrong_stands_at_its_field(admin_client, fields, column, said):
    found = errors(admin_client.post(ADD, form(**fields)))
    assert list(found) == [column]
    assert found[column][0].startswith(said)


def test_without_cryptography_a_secret_is_refused_with_what_to_install(admin_client, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    found = errors(admin_client.post(ADD, form()))
    assert "pip install cryptography" in found["new_target"][0]
    address = form(kind="email", new_target="ann@example.com", new_secret="")
    assert admin_client.post(ADD, address).status_code == 302


def test_a_new_channel_is_told_what_fires(admin_client):
    firing_alert()
    admin_client.post(ADD, form())
    assert Notice.objects.get().kind == "firing"


def act(client, action: str, *rows: AlertChannel) -> str:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, data, follow=True).content.decode()


def test_a_test_says_what_each_channel_answered(admin_client, receiver: HttpReceiver):
    receiver.answers = [(200, {}), (403, {})]
    said = act(admin_client, "send_a_test", webhook(receiver.url, "first"))
    assert "Test of first: 200 OK" in said
    said = act(admin_client, "send_a_test", AlertChannel.objects.get())
    assert "Test of first: 403 Forbidden" in said
    assert receiver.received[0].json["kind"] == "test"
    assert AlertChannel.objects.get().disabled_at is None


def test_a_channel_that_failed_is_switched_on_again(admin_client):
    row = channel(disabled_at=NOW, disabled_reason="403 Forbidden")
    channel_failures.begin(row, "403 Forbidden", NOW)
    assert "403 Forbidden" in admin_client.get(LIST).content.decode()
    act(admin_client, "switch_on", row)
    row.refresh_from_db()
    assert (row.disabled_at, row.disabled_reason) == (None, "")
    assert Alert.objects.get().ended == "switched on"


def test_a_channel_that_failed_and_is_switched_off_is_no_alert_any_more(admin_client):
    row = webhook(TARGET, disabled_at=NOW, disabled_reason="404 Not Found")
    channel_failures.begin(row, "404 Not Found", NOW)
    fields = form(new_target="", new_secret="")
    del fields["enabled"]
    assert admin_client.post(page_of(row), fields).status_code == 302
    assert Alert.objects.get().ended == "switched off"


def test_a_corrected_target_switches_it_on_again(admin_client):
    row = webhook(TARGET, disabled_at=NOW, disabled_reason="403 Forbidden")
    admin_client.post(page_of(row), form(new_secret=""))
    row.refresh_from_db()
    assert row.disabled_at is None


def test_the_alert_about_a_channel_ends_with_it(admin_client):
    row = channel()
    channel_failures.begin(row, "403 Forbidden", NOW)
    act(admin_client, "delete_selected", row)
    admin_client.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert not AlertChannel.objects.exists()
    assert Alert.objects.get().ended == "channel removed"


def test_a_channel_of_the_environment_has_no_target_to_enter(admin_client):
    row = channel(kind="apprise", fingerprint="f" * 64)
    page = admin_client.get(page_of(row)).content.decode()
    assert "new_target" not in page
    data = {name: value for name, value in form(severity="critical").items() if not name.startswith("new_")}
    assert admin_client.post(page_of(row), data).status_code == 302
    row.refresh_from_db()
    assert (row.kind, row.severity) == ("apprise", "critical")


def test_the_log_shows_what_was_sent_and_answered(admin_client):
    notice = waiting_notice(
        channel(), answers=[{"at": NOW.isoformat(), "ok": False, "text": "500 Oops", "seconds": 0.1}]
    )
    shown = admin_client.get(reverse("admin:avatar_monitoring_notice_changelist")).content.decode()
    assert "500 Oops" in shown
    shown = admin_client.get(reverse("admin:avatar_monitoring_notice_change", args=[notice.pk])).content.decode()
    assert "2026-11-27 09:00:00 UTC</time>: 500 Oops (0.1 s)" in shown
    assert "Save" not in shown


def test_an_alert_shows_who_was_told(admin_client):
    from monitoring.alerting.outbox import plan_notices

    channel("night shift")
    alert = firing_alert()
    plan_notices(NOW)
    shown = admin_client.get(reverse("admin:avatar_monitoring_alert_change", args=[alert.pk])).content.decode()
    assert "night shift" in shown
    assert "waiting" in shown
