"""A field that is added to a sample is counted, stored, exported, charted and scraped, or refused at once.

It is added to a copy of the sources, as a person would add it.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site import ROOT, Site

TOKEN = "a-token-of-this-test-alone"
SAMPLE, FACTS = (Path("monitoring/core/stats") / name for name in ("sample.py", "fields.py"))
COUNTER = "class Counts(msgspec.Struct, kw_only=True):", "    reconnects: int = 0"
DESCRIPTION = (
    "FACTS: dict[str, Fact] = {",
    '    "reconnects": Counter(Quantity("Reconnections", "/s"), "reconnections", "Clients that came back."),',
)
FOLLOWED = """
import json, time
import msgspec
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client, override_settings
from monitoring import MetricsCollector, redis_connections, site
from monitoring.core.records import Batch
from monitoring.core.stats.fold import NodeSample, fold
from monitoring.core.stats.spread import spread
from monitoring.fleet.totals import NodeTotals, key_of
from monitoring.journal import stream
from monitoring.models import Minute
from monitoring.storage.ingest import drain

plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}).enable()
now = time.time()
start = now // 60 * 60 - 600
collector = MetricsCollector()
collector._interval.reconnects += 10
sample = collector.take_sample(start, 5.0)
totals = NodeTotals(node="web:1", boot="one", host="web", build={}, started_at=start, written_at=now)
totals.add(sample)
with redis_connections.connect(settings.REDIS_URL) as redis:
    redis.hset(key_of(site.name()), "one", msgspec.msgpack.encode(totals))
    for number in ("1", "2"):
        batch = Batch("web:" + number, "boot" + number, "web", 1, [sample])
        redis.xadd(stream.keys().stream, {stream.FIELD: stream.pack(batch)})
    drain(redis)
caller = Client(SERVER_NAME="127.0.0.1")
caller.force_login(User.objects.get())
row = Minute.objects.of_each_node().first()
print(json.dumps({
    "seconds": [part.reconnects for part in spread(sample)],
    "sum": (sample + sample).reconnects,
    "fleet": fold([NodeSample(name, "web", sample) for name in ("web:1", "web:2")]).reconnects,
    "minutes": list(Minute.objects.of_each_node().values_list("reconnects", flat=True)),
    "fleet's minute": Minute.objects.of_fleet().get().reconnects,
    "back again": row.to_sample().reconnects,
    "admin": caller.get(f"/admin/avatar_monitoring/minute/{row.pk}/change/").content.decode(),
    "series": caller.get("/api/series?metric=reconnects&from=-1h").json(),
    "scraped": caller.get("/metrics", headers={"Authorization": "Bearer TOKEN"}).content.decode(),
    "page": caller.get("/trends/?range=1h").content.decode(),
}))
""".replace("TOKEN", TOKEN)


def insert(copy: Path, file: Path, line: tuple[str, str]) -> None:
    """Adds a line behind the first one that has this text."""
    before, added = line
    text = (copy / file).read_text()
    assert before in text
    head, rest = text.split(f"{before}\n", 1)
    (copy / file).write_text(f"{head}{before}\n{added}\n{rest}")


@pytest.fixture
def copy(tmp_path) -> Path:
    """The product's own sources, to be changed."""
    folder = tmp_path / "copy"
    for name in ("avatar_site", "dashboard", "monitoring"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", folder)
    return folder


def imported(copy: Path, module: str) -> str:
    """The last line that importing a module in the copy writes to standard error."""
    done = subprocess.run([sys.executable, "-c", f"import {module}"], cwd=copy, capture_output=True, text=True)
    return done.stderr.strip().rpartition("\n")[2].strip()


def test_a_new_counter_goes_all_the_way(copy, tmp_path, redis_url, own_database):
    site = Site(tmp_path, REDIS_URL=redis_url, AVATAR_API_TOKENS=TOKEN, **own_database)
    site.migrate()
    site.root = copy
    insert(copy, SAMPLE, COUNTER)
    insert(copy, FACTS, DESCRIPTION)
    site.manage("makemigrations", "avatar_monitoring", "-v", "0")
    site.manage("migrate", "-v", "0")
    found = json.loads(site.shell(FOLLOWED).splitlines()[-1])
    assert (found["seconds"], found["sum"], found["fleet"]) == ([2] * 5, 20, 20)
    assert (found["minutes"], found["fleet's minute"], found["back again"]) == ([10, 10], 20, 10)
    assert "Reconnects" in found["admin"]
    assert (found["series"]["label"], found["series"]["unit"]) == ("Reconnections", "/s")
    assert {bucket["average"] for bucket in found["series"]["buckets"]} == {None, 4.0}
    assert "# HELP avatar_reconnections_total Clients that came back." in found["scraped"]
    assert 'avatar_reconnections_total{host="web",node="web:1"} 10.0' in found["scraped"]
    assert '"key": "reconnects", "title": "Reconnections"' in found["page"]
    rows = site.manage("export_metrics", "--from", "-1h", "--metric", "reconnects", "--output", "-").splitlines()
    assert [row.rpartition(",")[2] for row in rows] == ["reconnects", "10", "10"]


@pytest.mark.parametrize(
    ("file", "line", "module", "expected"),
    [
        (
            SAMPLE,
            COUNTER,
            "monitoring",
            "reconnects: describe this field of a sample in FACTS of monitoring.core.stats.fields, "
            "as Counter(quantity, measure, meaning, counts)",
        ),
        (
            SAMPLE,
            ("    end: float | None = None", "    lag_ms: Gauge = msgspec.field(default_factory=Gauge)"),
            "monitoring",
            "lag_ms: describe this field of a sample in FACTS of monitoring.core.stats.fields, "
            "as Level(quantity, measure, of, added) or OfClients(quantity, measure)",
        ),
        (
            SAMPLE,
            ("    end: float | None = None", "    reconnects: int = 0"),
            "monitoring",
            "reconnects: move it from Sample to Counts in monitoring.core.stats.sample, "
            "for the totals of nodes count it too",
        ),
        (
            SAMPLE,
            ("    end: float | None = None", "    lag_ms: float = 0.0"),
            "monitoring",
            "lag_ms: a field of a sample is an int, a Gauge or a Sketch, or one of WHEN in "
            "monitoring.core.stats.sample; FACTS in monitoring.core.stats.fields describes no others",
        ),
        (
            FACTS,
            DESCRIPTION,
            "monitoring",
            "reconnects: a field of a sample is an int, a Gauge or a Sketch, or one of WHEN in "
            "monitoring.core.stats.sample; FACTS in monitoring.core.stats.fields describes no others",
        ),
    ],
)
def test_a_field_that_is_not_described_is_refused_with_what_to_write_where(copy, file, line, module, expected):
    insert(copy, file, line)
    assert imported(copy, module) == f"TypeError: {expected}"


@pytest.mark.parametrize(
    ("description", "module", "expected"),
    [
        (
            'Level(Quantity("Lag", "ms"), "event_loop_lag", Owner.NODE, added=True)',
            "monitoring.core.stats.track",
            "lag_ms: STEPS in monitoring.core.stats.track needs each added level of a sample, new ones at its end",
        ),
        (
            'Level(Quantity("Lag", "ms"), "lag", Owner.NODE)',
            "monitoring.exposition.instruments",
            "lag_ms: FACTS says that the measure lag shows it: add that to monitoring.exposition.instruments",
        ),
    ],
)
def test_a_gauge_says_what_else_it_needs(copy, monkeypatch, description, module, expected):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "avatar_site.settings")
    insert(copy, SAMPLE, ("    end: float | None = None", "    lag_ms: Gauge = msgspec.field(default_factory=Gauge)"))
    insert(copy, FACTS, (DESCRIPTION[0], f'    "lag_ms": {description},'))
    assert imported(copy, f"django; django.setup(); import {module}") == f"TypeError: {expected}"
