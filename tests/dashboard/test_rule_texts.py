from dashboard.rule_texts import ends_when, fires_when, limit_text, limit_texts
from monitoring.core.alert_rules import AlertScope, Rule


def test_a_limit_says_for_how_long_and_where_it_ends():
    rule = Rule("cpu_percent", 80.0, 76.0, "warning", "", for_seconds=10.0)
    assert limit_text(rule, "%") == "80 % for 10 s, ends at 76 % after 5 s"
    at_once = Rule("waiting_orders", 100.0, 80.0, "warning", "", keep_firing_seconds=0.0)
    assert limit_text(at_once, "") == "100, ends at 80"


def test_a_charts_limit_is_that_of_the_rule_named_after_the_metric():
    rules = [Rule("cpu_percent", 80.0, 76.0, "warning", ""), Rule("cpu_percent", 80.0, 50.0, "info", "", name="busy")]
    assert limit_texts(rules, {"cpu_percent": 80.0}) == {"cpu_percent": "limit 80 %, ends at 76 % after 5 s"}
    assert limit_texts(rules, {"cpu_percent": 60.0}) == {}


def test_sentences_have_exact_limits_and_times():
    rule = Rule("cpu_percent", 85.0, 80.75, "warning", "", for_seconds=2.5, scope=AlertScope.HOST)
    assert fires_when(rule, "%") == "Fires when CPU of a host is above 85 % for 2.5 s."
    assert ends_when(rule, "%") == "Ends once it has been at or below 80.75 % for 5 s."
