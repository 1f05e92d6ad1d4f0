import pytest
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_migrations_can_be_taken_back():
    def tables() -> list[str]:
        return [name for name in connection.introspection.table_names() if name.startswith("monitoring_")]

    before = tables()
    call_command("migrate", "monitoring", "zero", verbosity=0)
    taken_back = tables()
    call_command("migrate", "monitoring", verbosity=0)
    assert (taken_back, tables()) == ([], before)
