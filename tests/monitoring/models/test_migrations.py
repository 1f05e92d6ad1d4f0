from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps.registry import Apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from monitoring.columns import timestamp
from monitoring.journal.stream import FORMER
from monitoring.migrations._carried_over import NAMES
from monitoring.models import Alert, ClientSession, Hour, JournalCursor, Minute, PruneWatermark, Site
from monitoring.storage.roll_up import roll_up
from monitoring.storage.rows import store
from tests.monitoring.batches import MINUTE, alert, arrived, batch


def of_older_releases(test: Callable[..., None]) -> Callable[..., None]:
    """Of migrations that no longer change; samples stand in `make test`."""
    return pytest.mark.deployment(pytest.mark.django_db(transaction=True)(test))


def models_of(release: str) -> Apps:
    """The models of the earlier release that ends with this migration; its app is called `monitoring`."""
    apps = MigrationExecutor(connection).loader.project_state(("avatar_monitoring", release)).apps
    for model in apps.get_models():
        model._meta.db_table = model._meta.db_table.replace("avatar_monitoring_", "monitoring_")
    return apps


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_migrations_can_be_undone():
    def tables() -> list[str]:
        return [name for name in connection.introspection.table_names() if "monitoring_" in name]

    before = tables()
    call_command("migrate", "avatar_monitoring", "zero", verbosity=0)
    taken_back = tables()
    call_command("migrate", "avatar_monitoring", verbosity=0)
    assert (taken_back, tables()) == ([], before)


@of_older_releases
def test_minutes_of_an_older_release_get_hours_and_a_fleet_and_lose_them_again():
    call_command("migrate", "avatar_monitoring", "0001", verbosity=0)
    older = models_of("0001_initial")
    for node in ("web:1", "web:2"):
        older.get_model("avatar_monitoring", "Minute").objects.create(
            node=node,
            boot=node,
            host="web",
            epoch=MINUTE,
            minute=timestamp(MINUTE),
            coverage=60,
            connections_count=60,
            connections_sum=600,
            connections_min=10,
            connections_max=10,
        )
    call_command("migrate", "avatar_monitoring", verbosity=0)
    roll_up()
    assert Hour.objects.of_fleet().get().average("connections") == 20
    call_command("migrate", "avatar_monitoring", "0001", verbosity=0)
    assert older.get_model("avatar_monitoring", "Minute").objects.count() == 2
    call_command("migrate", "avatar_monitoring", verbosity=0)


@of_older_releases
def test_sessions_of_an_older_release_get_their_duration_buckets():
    call_command("migrate", "avatar_monitoring", "0003", verbosity=0)
    older = models_of("0003_marker")
    for seconds in (None, 0, 7.9, 8, 3_000_000_000):
        end = None if seconds is None else timestamp(MINUTE + seconds)
        older.get_model("avatar_monitoring", "ClientSession").objects.create(
            node="web:1", boot="boot1", session_id=str(seconds), connected_at=timestamp(MINUTE), disconnected_at=end
        )
    call_command("migrate", "avatar_monitoring", verbosity=0)
    assert list(ClientSession.objects.order_by("pk").values_list("duration_bucket", flat=True)) == [None, 1, 3, 4, 30]


@of_older_releases
def test_only_an_older_database_stores_the_journal_that_sites_shared():
    call_command("migrate", "avatar_monitoring", "zero", verbosity=0)
    call_command("migrate", "avatar_monitoring", verbosity=0)
    assert not JournalCursor.objects.exists()
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    began = import_module("monitoring.migrations.0008_site").LOADED
    first = MigrationRecorder.Migration.objects.filter(app="monitoring", name="0001_initial")
    first.update(applied=began - timedelta(seconds=1))
    call_command("migrate", "avatar_monitoring", verbosity=0)
    assert JournalCursor.objects.get().stream == FORMER.stream
    JournalCursor.objects.update(position="7-1")
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    call_command("migrate", "avatar_monitoring", verbosity=0)
    assert JournalCursor.objects.get().position == "7-1"


@of_older_releases
def test_alerts_of_an_older_release_keep_their_reporters_and_get_them_back():
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    older = models_of("0005_wide_counts_and_ends").get_model("avatar_monitoring", "Alert")
    told = {
        "metric": "cpu_percent", "severity": "warning", "message": "High", "value": 90, "threshold": 80, "peak": 97,
        "host": "web", "node": "web:1", "boot": "a", "started_at": timestamp(MINUTE),
    }  # fmt: skip
    ended_at = timestamp(MINUTE + 60)
    older.objects.create(subject="fires", reporters=["a", "b"], **told)
    older.objects.create(subject="gone", reporters=["b"], ended_at=ended_at, ended="node gone", **told)
    older.objects.create(subject="over", ended_at=ended_at, **told)
    call_command("migrate", "avatar_monitoring", verbosity=0)
    found = {row.subject: [(one.boot, one.until, one.ended) for one in row.node_alerts] for row in Alert.objects.all()}
    assert found == {
        "fires": [("a", None, ""), ("b", None, "")],
        "gone": [("b", MINUTE + 60, "node gone")],
        "over": [("a", MINUTE + 60, "")],
    }
    assert Alert.objects.get(subject="fires").node_alerts[0].peak == 97
    with transaction.atomic():
        store(arrived(batch(alerts=[alert("resolved", MINUTE + 90.0, subject="fires")], boot="b")))
    assert Alert.objects.get(subject="fires").state == "firing"
    with transaction.atomic():
        store(arrived(batch(alerts=[alert("resolved", MINUTE + 95.0, subject="fires")], boot="a")))
    assert Alert.objects.get(subject="fires").ended_at == timestamp(MINUTE + 95)
    Alert.objects.filter(subject="fires").update(ended_at=None)
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    assert dict(older.objects.values_list("subject", "reporters")) == {"fires": ["a"], "gone": ["b"], "over": []}
    call_command("migrate", "avatar_monitoring", verbosity=0)


@of_older_releases
def test_extremes_of_an_older_release_are_bounds_if_several_nodes_were_added_up():
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    older = models_of("0005_wide_counts_and_ends")
    for at, node in ((0, ""), (0, "web:1"), (60, ""), (60, "web:1"), (60, "web:2")):
        older.get_model("avatar_monitoring", "Minute").objects.create(
            node=node,
            boot=node,
            host="web",
            epoch=MINUTE + at,
            minute=timestamp(MINUTE + at),
            coverage=60,
            began=MINUTE + at,
            ended=MINUTE + at + 60,
        )
    call_command("migrate", "avatar_monitoring", verbosity=0)
    found = {(row.epoch - MINUTE, row.node): row.bounded for row in Minute.objects.all()}
    assert [key for key, bounded in found.items() if bounded] == [(60, "")]


@of_older_releases
def test_sessions_of_an_older_release_have_no_values_that_were_never_reported():
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    older = models_of("0005_wide_counts_and_ends")
    sessions = older.get_model("avatar_monitoring", "ClientSession").objects
    for name, over, ended, code in (
        ("open", None, "", None),
        ("killed", timestamp(MINUTE + 5), "node gone", None),
        ("closed", timestamp(MINUTE + 5), "client closed", 1000),
        ("lost", timestamp(MINUTE + 5), "client closed", 1006),
    ):
        sessions.create(
            node="web:1",
            boot="b",
            session_id=name,
            connected_at=timestamp(MINUTE),
            disconnected_at=over,
            ended=ended,
            close_code=code,
        )
    call_command("migrate", "avatar_monitoring", verbosity=0)
    found = {row.session_id: (row.messages, row.ended) for row in ClientSession.objects.all()}
    assert found == {
        "open": (None, ""),
        "killed": (None, "node gone"),
        "closed": (0, "client closed"),
        "lost": (0, "connection lost"),
    }
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    assert set(sessions.values_list("messages", flat=True)) == {0}
    call_command("migrate", "avatar_monitoring", verbosity=0)


@of_older_releases
def test_totals_of_an_older_releases_sessions_are_known_only_if_reported():
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    older = models_of("0005_wide_counts_and_ends")
    sessions = older.get_model("avatar_monitoring", "ClientSession").objects
    told = {"node": "web:1", "boot": "a", "connected_at": timestamp(MINUTE)}
    ended_at = timestamp(MINUTE + 60)
    sessions.create(session_id="open", **told)
    sessions.create(session_id="killed", disconnected_at=ended_at, ended="node gone", **told)
    sessions.create(
        session_id="over", disconnected_at=ended_at, ended="client closed", close_code=1006, messages=7, **told
    )
    call_command("migrate", "avatar_monitoring", verbosity=0)
    found = ClientSession.objects.values_list("session_id", "messages", "bytes_sent", "ended")
    assert set(found) == {
        ("open", None, None, ""),
        ("killed", None, None, "node gone"),
        ("over", 7, 0, "connection lost"),
    }
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    assert set(sessions.values_list("session_id", "messages", "ended")) == {
        ("open", 0, ""),
        ("killed", 0, "node gone"),
        ("over", 7, "client closed"),
    }
    call_command("migrate", "avatar_monitoring", verbosity=0)


@of_older_releases
def test_a_site_that_is_downgraded_and_upgraded_again_keeps_its_name_and_loses_nothing():
    name = Site.objects.own_name()
    call_command("migrate", "avatar_monitoring", "0005", verbosity=0)
    call_command("migrate", "avatar_monitoring", verbosity=0)
    assert Site.objects.own_name() == name
    assert JournalCursor.objects.filter(stream=f"avatar:{name}:journal").exists()


@pytest.mark.django_db(transaction=True)
def test_renamed_fields_and_models_keep_their_rows_for_both_releases():
    call_command("migrate", "avatar_monitoring", "0010", verbosity=0)
    older = models_of("0010_node_names")
    sessions, horizons = (older.get_model("avatar_monitoring", name).objects for name in ("ClientSession", "Horizon"))
    told = {"node": "web:1", "boot": "a", "connected_at": timestamp(MINUTE)}
    sessions.create(session_id="before", octave=3, **told)
    horizons.create(tier="minute", pruned_until=MINUTE)
    call_command("migrate", "avatar_monitoring", verbosity=0)
    assert ClientSession.objects.get().duration_bucket == 3
    assert PruneWatermark.objects.pruned_until() == {"hour": 0, "minute": MINUTE}
    call_command("migrate", "avatar_monitoring", "0010", verbosity=0)
    assert (sessions.get().octave, horizons.get().pruned_until) == (3, MINUTE)
    call_command("migrate", "avatar_monitoring", verbosity=0)


@of_older_releases
def test_permissions_that_people_had_under_the_former_label_are_carried_over():
    call_command("migrate", "avatar_monitoring", "0011", verbosity=0)
    old = ContentType.objects.get(app_label="monitoring", model="alert")
    user = get_user_model().objects.create_user("ann")
    user.user_permissions.add(Permission.objects.get(content_type=old, codename="view_alert"))
    call_command("migrate", "avatar_monitoring", verbosity=0)
    ann = get_user_model().objects.get(username="ann")
    assert ann.get_all_permissions() == {"avatar_monitoring.view_alert"}
    assert not ContentType.objects.filter(app_label="monitoring").exists()
    assert not MigrationRecorder.Migration.objects.filter(app="monitoring").exists()


@of_older_releases
def test_what_was_carried_over_is_recorded_once_and_when_it_was_first_applied():
    call_command("migrate", "avatar_monitoring", "0011", verbosity=0)
    recorded = MigrationRecorder.Migration.objects
    long_ago = timestamp(MINUTE)
    recorded.filter(app="monitoring").update(applied=long_ago)
    call_command("migrate", "avatar_monitoring", verbosity=0)
    applied = recorded.filter(app="avatar_monitoring", name__lt="0012").values_list("name", "applied")
    assert sorted(applied) == [(name, long_ago) for name in NAMES]


@pytest.mark.django_db(transaction=True)
def test_the_tables_of_another_app_called_monitoring_stay_as_they_are(another_app):
    call_command("migrate", "avatar_monitoring", "zero", verbosity=0)
    call_command("migrate", "avatar_monitoring", verbosity=0)
    assert another_app() == [(7,)]


@pytest.fixture
def another_app():
    """Asks a table that another app called `monitoring` has."""
    migrations = MigrationRecorder.Migration.objects.create(app="monitoring", name="0001_initial")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE monitoring_alert (id integer)")
        cursor.execute("INSERT INTO monitoring_alert VALUES (7)")
    yield lambda: asked("SELECT id FROM monitoring_alert")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE monitoring_alert")
    assert MigrationRecorder.Migration.objects.filter(app="monitoring").count() == 1
    migrations.delete()


def asked(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
