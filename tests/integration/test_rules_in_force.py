"""A rule that is edited in the admin of one node is in force on all, and its alerts are stored without a schedule.

No beat runs here: whatever is stored, nodes asked for it.
"""

import subprocess
from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.site import Site, eventually, free_port, receive, running_site

RULE = {
    "name": "anybody_here",
    "enabled": "on",
    "severity": "critical",
    "metric": "connections",
    "scope": "node",
    "comparison": "above",
    "threshold": "0",
    "for_seconds": "0",
    "keep_firing_seconds": "0",
    "no_data": "resolve",
    "no_data_seconds": "60",
}
LIST = "/admin/avatar_monitoring/alertrule/"
CELERY = "-m", "celery", "--quiet", "--app", "avatar_site.celery", "worker", "--pool", "solo"


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    with running_site(tmp_path) as site:
        site.migrate()
        yield site


def post(site: Site, cookie: str, path: str, fields: dict[str, str]) -> None:
    token = next(value.value for name, value in SimpleCookie(cookie).items() if name.startswith("avatar_csrf_"))
    form = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
    answer = urlopen(Request(site.url + path, form, {"Cookie": cookie, "Referer": site.url}))
    assert answer.url == site.url + LIST, answer.read().decode()


def firing_on(viewer) -> set[str]:
    return {alert["subject"] for alert in receive(viewer, "metrics")["alerts"] if alert["rule"] == RULE["name"]}


def rows(site: Site) -> list[str]:
    code = (
        "from monitoring.models import Alert; "
        f"print([f'{{row.subject}} {{row.ended}}' for row in Alert.objects.filter(rule={RULE['name']!r})])"
    )
    return sorted(eval(site.shell(code)))


def tell(site: Site, cookie: str, viewer) -> set[str]:
    """Adds the rule, and returns the subjects of its alerts once they are on all nodes."""
    post(site, cookie, f"{LIST}add/", RULE)
    return eventually(lambda: found if len(found := firing_on(viewer)) == 2 else None, seconds=20, what=site.logs)


def storing(site: Site, kind: str) -> subprocess.Popen[bytes]:
    if kind == "celery":
        return site.spawn(*CELERY)
    return site.spawn("manage.py", "store_history", "--loop")


@pytest.mark.parametrize("kind", ["celery", pytest.param("loop", marks=pytest.mark.deployment)])
def test_a_changed_rule_is_in_force_on_every_node_and_its_alerts_are_stored_at_once(site, kind):
    second = free_port()
    site.daphne()
    site.daphne(second)
    storing(site, kind)
    cookie = site.sign_in()
    with site.avatar(), site.avatar(port=second), site.viewer(cookie, port=second) as viewer:
        before = receive(viewer, "metrics")["rules_version"]
        nodes = tell(site, cookie, viewer)
        assert receive(viewer, "metrics")["rules_version"] != before
        eventually(lambda: rows(site) == sorted(f"{node} " for node in nodes), seconds=20, what=site.logs)
        number = site.shell("from monitoring.models import AlertRule; print(AlertRule.objects.get().pk)")
        post(site, cookie, f"{LIST}{number}/change/", {name: RULE[name] for name in RULE if name != "enabled"})
        eventually(lambda: not firing_on(viewer), seconds=20, what=site.logs)
        ended = sorted(f"{node} rule changed" for node in nodes)
        eventually(lambda: rows(site) == ended, seconds=20, what=site.logs)
