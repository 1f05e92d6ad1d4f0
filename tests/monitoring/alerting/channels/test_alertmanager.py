from datetime import datetime, timedelta

import pytest

from monitoring.alerting.channels import alertmanager
from monitoring.alerting.channels.alertmanager import FORGOTTEN_AFTER, url_of
from monitoring.alerting.channels.answer import Address
from tests.monitoring.alerting.channels.messages import message

FACTS = {
    "id": 7, "rule": "cpu_percent", "metric": "cpu_percent", "scope": "host", "subject": "web-1", "host": "web-1",
    "node": "web-1:1", "client_id": "", "state": "firing", "severity": "warning", "summary": "web-1: 95 %",
    "message": "High", "value": 95.0, "last": 96.5, "peak": 97.0, "threshold": 80.0, "unit": "%",
    "since": "2026-11-27T09:00:00+00:00", "until": None, "ended": "", "acknowledged_by": "",
    "url": "https://avatars.example/alerts/7/",
}  # fmt: skip


def test_an_alert_has_its_labels_and_lasts_until_it_would_be_told_again(receiver):
    assert alertmanager.send(Address(f"{receiver.url}/am/"), message(alerts=[FACTS])).is_sent
    (request,) = receiver.received
    assert request.path == "/am/api/v2/alerts"
    (alert,) = request.json
    assert alert["labels"] == {
        "alertname": "cpu_percent", "site": "house", "severity": "warning", "metric": "cpu_percent", "scope": "host",
        "subject": "web-1", "host": "web-1", "instance": "web-1:1",
    }  # fmt: skip
    assert alert["annotations"]["value"] == "96.5"
    assert (alert["startsAt"], alert["generatorURL"]) == (FACTS["since"], FACTS["url"])
    left = datetime.fromisoformat(alert["endsAt"]) - datetime.now().astimezone()
    assert FORGOTTEN_AFTER - timedelta(minutes=1) < left <= FORGOTTEN_AFTER


def test_one_that_is_over_says_since_when(receiver):
    over = FACTS | {"state": "resolved", "until": "2026-11-27T09:10:00+00:00", "url": ""}
    alertmanager.send(Address(receiver.url, "token"), message("resolved", alerts=[over]))
    (request,) = receiver.received
    assert request.json[0]["endsAt"] == "2026-11-27T09:10:00+00:00"
    assert "generatorURL" not in request.json[0]
    assert request.headers["Authorization"] == "Bearer token"


def test_a_test_is_an_alert_that_is_soon_over(receiver):
    alertmanager.send(Address(receiver.url), message("test"))
    assert receiver.received[0].json[0]["labels"]["alertname"] == "avatar_test"


@pytest.mark.parametrize("target", ["http://am:9093", "http://am:9093/", "http://am:9093/api/v2/alerts"])
def test_its_address_may_have_the_path_of_the_api(target):
    assert url_of(target) == "http://am:9093/api/v2/alerts"
