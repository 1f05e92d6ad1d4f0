"""The data directory of a site that ran an earlier release, opened by this one.

`site-2026-11-26.tar.xz` was made by running it: two nodes under the supervisor with six simulated avatars, then SIGKILL
to all of it; then one daphne without a worker, whose Valkey hung from some moment on; then SIGKILL to both. So its
database holds minutes, sessions and alerts that nobody closed, its Valkey batches that were not stored, and its spill
directory batches that Valkey never received. MESSAGES is what that release itself made of a copy.
"""

import json
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.site import Site, eventually, receive, running_site

DATA = Path(__file__).parent / "site-2026-11-26.tar.xz"

MESSAGES = {
    "a3a1a5559e694500": [35, 264, 264, 264, 264, 264, 264],
    "223435d1346c4063": [65, 529, 528, 528, 528, 528, 528],
    "32cc20e39e764f94": [551, 350],
}
"""Of each minute of each boot; of the last boot nothing was stored yet."""

SESSIONS = 13

STORED = """
import json
from monitoring.models import ClientSession, Minute
from monitoring.tasks import roll_up, store_snapshots
store_snapshots()
store_snapshots()
roll_up()
messages = {}
for boot, count in Minute.objects.of_each_node().order_by("epoch").values_list("boot", "messages"):
    messages.setdefault(boot, []).append(count)
sessions = ClientSession.objects.filter(boot__in=messages).values_list("session_id")
print(json.dumps([messages, len(sessions), len(set(sessions))]))
"""


@contextmanager
def left(directory: Path) -> Iterator[Site]:
    """A site with that data directory; nothing runs yet."""
    data = directory / "data"
    data.mkdir()
    with tarfile.open(DATA) as archive:
        archive.extractall(data, filter="data")
    # The fixture grows older than minutes are kept by default.
    with running_site(directory, AVATAR_KEEP_MINUTES="forever", AVATAR_KEEP_SESSIONS="forever") as site:
        yield site


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory) -> Iterator[Site]:
    """The site, once this release serves it."""
    with left(tmp_path_factory.mktemp("upgraded")) as site:
        assert spilled(site)
        site.manage("migrate", "-v", "0")
        site.daphne()
        yield site


def spilled(site: Site) -> list[Path]:
    return [path for boot in MESSAGES for path in (site.directory / "data" / "spill").glob(f"*{boot}*")]


def test_what_an_earlier_release_left_is_stored_once(upgraded):
    eventually(lambda: not spilled(upgraded), seconds=30, what=lambda: f"spilled is appended\n{upgraded.logs()}")
    messages, sessions, distinct = json.loads(upgraded.shell(STORED))
    assert {boot: messages[boot] for boot in MESSAGES} == MESSAGES
    assert sessions == distinct >= SESSIONS


ALERTS = """
import json
from monitoring.models import Alert
columns = "id", "rule", "metric", "subject", "message", "peak", "scope"
print(json.dumps(list(Alert.objects.order_by("id").values_list(*columns))))
"""


def test_alerts_of_an_earlier_release_keep_their_rows(upgraded):
    eventually(lambda: not spilled(upgraded), seconds=30, what=lambda: f"spilled is appended\n{upgraded.logs()}")
    upgraded.shell(STORED)
    rows = json.loads(upgraded.shell(ALERTS))
    with tarfile.open(DATA) as archive, tempfile.TemporaryDirectory() as directory:
        archive.extractall(directory, filter="data")
        (database,) = Path(directory).glob("*.sqlite3")
        before = sqlite3.connect(database).execute(
            "SELECT id, metric, metric, subject, message FROM monitoring_alert ORDER BY id"
        )
        kept = before.fetchall()
    assert kept
    assert [tuple(row[:5]) for row in rows[: len(kept)]] == kept
    assert {row[6] for row in rows} <= {"host", "node", "client"}
    # Its nodes could not say that they were stopped, so none has vanished.
    assert [row for row in rows if row[1] == "node_gone"] == []


def test_who_could_look_before_still_can(upgraded):
    with upgraded.viewer(upgraded.sign_in(user="viewer")) as viewer:
        assert receive(viewer, "metrics")["server"]["active_connections"] == 0


TO_AND_FRO = """
from django.core.management import call_command
for target in ([], ["avatar_monitoring", "0005"], []):
    call_command("migrate", *target, verbosity=0)
"""


@pytest.mark.deployment
def test_the_migrations_can_be_taken_back(tmp_path):
    with left(tmp_path) as site:
        site.shell(TO_AND_FRO)
