"""Takes over what an earlier release stored while the app was called `monitoring`: its tables, permissions and history.

Another project may have an app of this name, so our tables are recognized by one that no other would have.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.recorder import MigrationRecorder

LABEL, FORMER = "avatar_monitoring", "monitoring"
MODELS = (
    "alert", "clientsession", "day", "horizon", "hour", "journalcursor", "marker", "minute", "minutetrack", "node",
    "pending", "prunewatermark", "site",
)  # fmt: skip
"""All that ever were; a table that a database does not have, because it is older, is passed over."""

NAMES = (
    "0001_initial", "0002_hours_and_days", "0003_marker", "0004_session_octave", "0005_wide_counts_and_ends",
    "0006_alert_reports", "0007_measured_facts", "0008_site", "0009_marker_kind", "0010_node_names", "0011_names",
)  # fmt: skip
"""The migrations under the former label."""

OURS, COLUMNS = "journalcursor", {"stream", "position"}


class CarriedOver(migrations.Migration):
    """A migration that an earlier release may have applied under the former label; then only the state changes.

    What is taken back ends under the former label, where the earlier release looks for it.
    """

    def apply(self, project_state: Any, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False) -> Any:
        if not collect_sql:
            take_over(schema_editor)
            if MigrationRecorder(schema_editor.connection).migration_qs.filter(app=LABEL, name=self.name).exists():
                return self.mutate_state(project_state, preserve=False)
        return super().apply(project_state, schema_editor, collect_sql)

    def unapply(self, project_state: Any, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False) -> Any:
        if not collect_sql:
            take_over(schema_editor)
        state = super().unapply(project_state, schema_editor, collect_sql)
        if not collect_sql and give_back(schema_editor):
            MigrationRecorder(schema_editor.connection).migration_qs.filter(app=FORMER, name=self.name).delete()
        return state


def take_over(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if _holds(schema_editor, FORMER):
        rename_all(schema_editor, FORMER, LABEL)


def give_back(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    """Gives everything the former label; False if that is another app's, or nothing is left."""
    tables = schema_editor.connection.introspection.table_names()
    if not _holds(schema_editor, LABEL) or any(name.startswith(f"{FORMER}_") for name in tables):
        return False
    rename_all(schema_editor, LABEL, FORMER)
    return True


def forget_repeated(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Django has recorded again what was carried over; the first record tells when a migration was applied."""
    recorded = MigrationRecorder(schema_editor.connection).migration_qs.filter(app=LABEL)
    first = {name: pk for name, pk in recorded.order_by("-pk").values_list("name", "pk")}
    recorded.exclude(pk__in=first.values()).delete()


def rename_all(schema_editor: BaseDatabaseSchemaEditor, old: str, new: str) -> None:
    """Renames tables, content types (which permissions and log entries refer to) and the record of migrations."""
    connection = schema_editor.connection
    tables = set(connection.introspection.table_names())
    for model in MODELS:
        if f"{old}_{model}" in tables:
            schema_editor.alter_db_table(None, f"{old}_{model}", f"{new}_{model}")
    if apps.is_installed("django.contrib.contenttypes") and "django_content_type" in tables:
        _rename_content_types(connection.alias, old, new)
    MigrationRecorder(connection).migration_qs.filter(app=old, name__in=NAMES).update(app=new)


def _rename_content_types(alias: str, old: str, new: str) -> None:
    from django.contrib.contenttypes.models import ContentType

    types = ContentType.objects.using(alias).filter(model__in=MODELS)
    renamed = types.filter(app_label=old)
    # Django makes new ones, with permissions that nobody has yet, after every run of `migrate`.
    types.filter(app_label=new, model__in=list(renamed.values_list("model", flat=True))).delete()
    renamed.update(app_label=new)
    ContentType.objects.clear_cache()


def _holds(schema_editor: BaseDatabaseSchemaEditor, label: str) -> bool:
    """Whether the tables with this prefix are ours."""
    connection, table = schema_editor.connection, f"{label}_{OURS}"
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return False
        return {column.name for column in connection.introspection.get_table_description(cursor, table)} >= COLUMNS
