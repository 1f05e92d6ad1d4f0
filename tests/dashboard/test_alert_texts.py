import pytest
from django.utils.translation import gettext_noop

from dashboard.alert_texts import ADVICE, advice_of, headline, label_of
from monitoring.alert_words import LABELS
from monitoring.core.alert_rules import ALERT_METRICS
from monitoring.models import Alert


def alert(**fields) -> Alert:
    metric = fields.get("metric", "cpu_percent")
    given = {
        "rule": metric, "metric": metric, "subject": "vm", "message": "High CPU usage: 91.0%", "value": 91.0,
        "threshold": 80.0, "peak": 97.1, "last": 93.2, "grouped": False, "reason": "", "severity": "warning",
    }  # fmt: skip
    return Alert(**given | fields)


def test_it_says_the_present_value_while_it_fires_and_the_worst_when_it_is_over():
    assert headline(alert()) == "CPU of vm is 93.2 %, the limit is 80 %"
    assert headline(alert(last=None)) == "CPU of vm is 91 %, the limit is 80 %"
    over = alert(ended_at="2026-01-01T00:00Z")
    assert headline(over) == "CPU of vm reached 97.1 %, above the limit of 80 %"


def test_a_rule_for_low_values_says_so():
    low = {"metric": "fps", "value": 20.0, "last": 18.0, "peak": 15.0, "threshold": 30.0}
    assert headline(alert(**low)) == "Client frame rate of vm is 18 fps, the limit is at least 30 fps"
    assert headline(alert(**low, ended_at="2026-01-01T00:00Z")) == (
        "Client frame rate of vm fell to 15 fps, below the limit of 30 fps"
    )


def test_a_silent_client_and_many_of_them():
    silent = alert(metric="stale_client_seconds", subject="ann", last=75.0)
    assert headline(silent) == "Client ann has sent nothing for 1 min 15 s"
    many = alert(metric="stale_client_seconds", subject="vm:1", grouped=True, last=2000.0)
    assert headline(many) == "2,000 clients of vm:1 have sent nothing for too long"


def test_an_alert_without_data_says_for_how_long():
    assert headline(alert(reason="no data", last=80.0)) == "CPU of vm has not been measured for 1 min 20 s"
    assert headline(alert(reason="error", last=80.0)) == "CPU of vm could not be read for 1 min 20 s"


def test_a_projects_own_rule_keeps_its_words_and_adds_the_present_value():
    own = {"metric": "waiting_orders", "message": "120 orders are waiting", "value": 120.0}
    assert headline(alert(**own, last=120.0)) == "120 orders are waiting"
    assert headline(alert(**own, last=140.0)) == "120 orders are waiting (now 140)"
    assert label_of("waiting_orders") == "Waiting orders"
    assert advice_of("waiting_orders") == ""


@pytest.mark.parametrize("metric", ALERT_METRICS)
def test_every_built_in_metric_has_a_name_and_says_what_to_do(metric):
    assert label_of(metric) == gettext_noop(LABELS[metric])
    assert advice_of(metric) == ADVICE[metric]


def test_a_sentence_has_the_exact_limit():
    assert headline(alert(threshold=80.75)) == "CPU of vm is 93.2 %, the limit is 80.75 %"


def test_a_rule_of_a_person_speaks_its_own_words_also_about_a_known_metric():
    assert headline(alert(rule="busy", message="Far too busy", last=91.0)) == "Far too busy"
    assert label_of("busy") == "Busy"


def test_a_channel_that_does_not_work_says_why_and_what_to_do():
    failed = alert(metric="alert_channel_failed", message="Alert channel ops does not work: 403 Forbidden")
    assert headline(failed) == failed.message
    assert label_of(failed.rule) == "Notices not delivered"
    assert advice_of(failed.metric).startswith("Open the channel")
