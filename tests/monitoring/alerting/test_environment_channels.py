import pytest

from monitoring import jobs
from monitoring.alerting import channel_failures
from monitoring.alerting.environment_channels import keep_rows, url_of
from monitoring.models import Alert, AlertChannel
from tests.monitoring.alerting.rows import NOW, channel
from tests.monitoring.batches import alert, append, batch, sample

pytestmark = pytest.mark.django_db

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"


@pytest.fixture
def urls(settings):
    def given(*found: str) -> None:
        settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, "AVATAR_ALERT_URLS": " ".join(found)}

    return given


def names() -> list[str]:
    return [row.name for row in AlertChannel.objects.usable()]


def test_each_url_has_a_row_which_does_not_hold_it(urls):
    urls(SLACK, "json://localhost/a,b", "json://localhost/c")
    keep_rows(NOW)
    keep_rows(NOW)
    assert names() == ["slack of AVATAR_ALERT_URLS", "json of AVATAR_ALERT_URLS", "json of AVATAR_ALERT_URLS, 2"]
    row = AlertChannel.objects.usable()[0]
    assert (row.target, row.secret) == ("", "")
    assert "T1JJ3T3L2" not in str(row.__dict__)
    assert url_of(row) == SLACK


def test_a_url_that_is_gone_switches_its_row_off_and_on_again_when_it_returns(urls):
    urls(SLACK)
    keep_rows(NOW)
    urls()
    keep_rows(NOW, switch_off=False)
    assert len(names()) == 1
    keep_rows(NOW)
    assert names() == []
    urls(SLACK)
    keep_rows(NOW)
    assert names() == ["slack of AVATAR_ALERT_URLS"]


def test_a_channel_that_failed_stays_off(urls):
    urls(SLACK)
    keep_rows(NOW)
    AlertChannel.objects.update(disabled_at=NOW, disabled_reason="404 Not Found")
    keep_rows(NOW)
    assert names() == []


def test_a_url_that_failed_and_is_gone_is_no_alert_any_more(urls):
    urls(SLACK)
    keep_rows(NOW)
    row = AlertChannel.objects.get()
    AlertChannel.objects.update(disabled_at=NOW, disabled_reason="404 Not Found")
    channel_failures.begin(row, "404 Not Found", NOW)
    urls()
    keep_rows(NOW)
    assert Alert.objects.get().ended == "channel removed"


def test_another_secret_key_finds_the_rows_of_the_former_one(urls, settings):
    urls(SLACK)
    keep_rows(NOW)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"
    keep_rows(NOW)
    assert len(names()) == 1


def test_other_channels_are_left_alone(urls):
    channel()
    urls(SLACK)
    keep_rows(NOW)
    urls()
    keep_rows(NOW)
    assert names() == ["operators"]


def test_the_first_alert_after_the_first_start_is_sent_by_the_run_that_stores_it(redis, urls, receiver):
    urls(receiver.url.replace("http://", "json://"))
    append(redis, batch(sample(), alerts=[alert("firing")]))
    jobs.store_snapshots()
    assert receiver.arrivals.get(timeout=10).json["title"].startswith("Warning: CPU")
