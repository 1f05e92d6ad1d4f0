import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from monitoring.admin import rule_admin
from monitoring.history.backtest import Preview
from monitoring.models import AlertRule, OwnGauge

pytestmark = pytest.mark.django_db
LIST = "/admin/avatar_monitoring/alertrule/"
FIELDS = {
    "name": "many_messages",
    "enabled": "on",
    "severity": "warning",
    "metric": "messages_per_second",
    "scope": "node",
    "comparison": "above",
    "threshold": "100",
    "for_seconds": "10",
    "keep_firing_seconds": "5",
    "no_data": "resolve",
    "no_data_seconds": "60",
}


def add(client, **fields):
    return client.post(f"{LIST}add/", FIELDS | fields)


def errors(response) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def test_a_rule_is_added_changed_and_deleted_and_says_by_whom(admin_client, caplog):
    with caplog.at_level(logging.INFO, "monitoring.admin.rule_admin"):
        add(admin_client)
        row = AlertRule.objects.get()
        assert (row.name, row.threshold, row.changed_by) == ("many_messages", 100, "admin")
        admin_client.post(f"{LIST}{row.pk}/change/", FIELDS | {"threshold": "200", "exit_threshold": "150"})
        admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"})
    assert not AlertRule.objects.exists()
    said = [record.getMessage() for record in caplog.records]
    assert said[1:] == [
        "admin changed the rule many_messages: threshold: 100 → 200, exit_threshold: none → 150",
        "admin deleted the rule many_messages",
    ]
    assert said[0].startswith("admin added the rule many_messages: ")


def test_djangos_own_log_has_the_old_and_the_new_values(admin_client):
    add(admin_client)
    admin_client.post(f"{LIST}{AlertRule.objects.get().pk}/change/", FIELDS | {"severity": "critical"})
    assert LogEntry.objects.latest("id").get_change_message() == "severity: warning → critical"


@pytest.mark.parametrize(
    ("fields", "column", "said"),
    [
        ({"exit_threshold": "101"}, "exit_threshold", "101: must be at most the threshold, 100"),
        ({"scope": "host"}, "scope", "host: must be node or fleet for messages_per_second"),
        ({"metric": "mood"}, "metric", "mood: must be one of"),
        ({"metric": "fps", "each_threshold": "30"}, "threshold", "100: must be 0 to less than 100"),
        ({"for_seconds": "-1"}, "for_seconds", "-1: must be 0 to 86400 s"),
        ({"text": "{password}"}, "text", "{password}: may have {value}"),
        ({"name": "cpu_percent"}, "name", "is the name of a built-in rule"),
        ({"threshold": "high"}, "threshold", "Enter a number."),
    ],
)
def test_what_is_wrong_stands_at_its_field(admin_client, fields, column, said):
    found = errors(add(admin_client, **fields))
    assert list(found) == [column]
    assert said in found[column][0]
    assert not AlertRule.objects.exists()


def test_a_rule_may_be_about_a_gauge_of_the_project(admin_client):
    now = timezone.now()
    OwnGauge.objects.create(name="waiting_orders", label="Waiting orders", first_seen=now, last_seen=now)
    assert "waiting_orders (Waiting orders)" in admin_client.get(f"{LIST}add/").content.decode()
    add(admin_client, metric="waiting_orders")
    assert AlertRule.objects.get().metric == "waiting_orders"


def test_a_name_is_taken_once(admin_client):
    add(admin_client)
    assert list(errors(add(admin_client))) == ["name"]


def test_a_built_in_rule_is_overridden_in_a_form_that_has_its_values(admin_client):
    assert f"{LIST}add/?override=cpu_percent" in admin_client.get(LIST).content.decode()
    form = admin_client.get(f"{LIST}add/?override=cpu_percent").context["adminform"].form
    assert {name: form.initial[name] for name in ("name", "metric", "scope", "threshold")} == {
        "name": "cpu_percent",
        "metric": "cpu_percent",
        "scope": "host",
        "threshold": 80.0,
    }
    add(admin_client, name="cpu_percent", metric="cpu_percent", scope="host", threshold="95")
    html = admin_client.get(LIST).content.decode()
    assert ">replaced<" in html
    assert "cpu_percent above 95 %" in html


def test_an_unknown_built_in_rule_is_refused(admin_client):
    response = admin_client.get(f"{LIST}add/?override=mood")
    assert response.status_code == 400
    assert "override=mood: must be a built-in rule: cpu_percent" in response.content.decode()


def test_a_preview_says_how_often_the_rule_would_have_fired_and_saves_nothing(admin_client, monkeypatch):
    asked = []

    def preview(rule):
        asked.append(rule)
        return Preview(3, 600.0, "computed from stored minutes")

    monkeypatch.setattr(rule_admin, "preview", preview)
    add(admin_client)
    row = AlertRule.objects.get()
    for address, saves_to in ((f"{LIST}add/", f"{LIST}add/"), (f"{LIST}{row.pk}/change/",) * 2):
        response = admin_client.post(f"{address}preview/", FIELDS | {"name": "other", "threshold": "7"})
        html = response.content.decode()
        assert "It would have fired 3 times in the last 7 days, 10 min in all: computed from stored minutes." in html
        assert f'action="{saves_to}"' in html
        assert 'value="7"' in html
    assert [rule.threshold for rule in asked] == [7, 7]
    assert [row.threshold for row in AlertRule.objects.all()] == [100]


def test_a_preview_of_what_is_wrong_says_what_is_wrong(admin_client):
    response = admin_client.post(f"{LIST}add/preview/", FIELDS | {"exit_threshold": "101"})
    assert errors(response).keys() == {"exit_threshold"}


def test_a_preview_of_real_minutes_needs_none(admin_client):
    assert "It would have fired 0 times" in admin_client.post(f"{LIST}add/preview/", FIELDS).content.decode()


def test_who_may_only_look_can_neither_preview_nor_override(client):
    user = User.objects.create_user("ann", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_alertrule"))
    client.force_login(user)
    html = client.get(LIST).content.decode()
    assert "override=" not in html
    assert client.post(f"{LIST}add/preview/", FIELDS).status_code == 403


def test_without_redis_the_list_says_that_rows_are_not_in_force(admin_client, settings):
    assert "only the built-in ones are in force" not in admin_client.get(LIST).content.decode()
    settings.REDIS_URL = None
    assert "only the built-in ones are in force" in admin_client.get(LIST).content.decode()
