import signal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, transaction

from monitoring import jobs
from monitoring.models import Hour, Minute
from monitoring.store_loop import EndBySignal, EndedError
from tests.monitoring.batches import append, batch, sample


def store(**options) -> str:
    said = StringIO()
    call_command("store_history", stdout=said, **options)
    return said.getvalue()


@pytest.mark.django_db
def test_once_it_stores_rolls_up_and_deletes_and_says_so(redis, settings):
    settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, "AVATAR_KEEP_MINUTES": "forever"}
    append(redis, batch(sample(messages=4)))
    assert [line.split()[0] for line in store().splitlines()] == ["stored", "rolled", "deleted", "sent"]
    assert Minute.objects.of_each_node().get().messages == 4
    assert Hour.objects.of_each_node().get().messages == 4


@pytest.mark.django_db
def test_a_second_run_changes_nothing(redis, settings):
    settings.AVATAR_MONITORING = {**settings.AVATAR_MONITORING, "AVATAR_KEEP_MINUTES": "forever"}
    append(redis, batch(sample(messages=4)))
    store()
    assert store().startswith("stored 0 batches into 0 minutes\nrolled up 0 hours")
    assert Minute.objects.of_each_node().get().messages == 4


@pytest.mark.django_db
def test_it_may_be_silent(redis):
    assert store(verbosity=0) == ""


@pytest.mark.django_db
def test_without_redis_it_still_rolls_up_and_fails_with_one_line(settings):
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    said = StringIO()
    with pytest.raises(CommandError, match=r"^Redis cannot be used \(.*\)$") as error:
        call_command("store_history", stdout=said)
    assert "secret" not in str(error.value)
    assert said.getvalue().startswith("rolled up")


def test_without_the_database_it_fails_with_one_line(redis_url, monkeypatch):
    def away():
        raise OperationalError("connection refused")

    for name in jobs.JOBS:
        monkeypatch.setitem(jobs.JOBS, name, away)
    with pytest.raises(CommandError, match=r"^the database cannot be used \(connection refused\)$"):
        store()


@pytest.mark.parametrize("loop", [False, True])
def test_without_the_setting_there_is_nothing_to_store(settings, loop):
    settings.REDIS_URL = None
    with pytest.raises(CommandError, match=r"^The setting REDIS_URL is missing: metrics are live only"):
        store(loop=loop)


def test_a_bad_setting_is_one_line(settings):
    settings.REDIS_URL = ["redis://a", "redis://b"]
    with pytest.raises(CommandError, match=r"^The setting REDIS_URL is a list: must be the URL of one server"):
        store()


def test_its_help_shows_examples_line_by_line(capsys):
    with pytest.raises(SystemExit):
        call_command("store_history", "--help")
    assert "\n  python manage.py store_history --loop   # every minute" in capsys.readouterr().out


@pytest.fixture
def ending():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ending = EndBySignal()
    ending.listen()
    yield ending
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_what_is_outside_of_transactions_at_once(ending, number):
    with pytest.raises(EndedError):
        signal.raise_signal(number)
    signal.raise_signal(number)  # once is enough


@transaction.atomic
def told_inside(then) -> None:
    signal.raise_signal(signal.SIGTERM)
    then()


@pytest.mark.django_db(transaction=True)
def test_a_signal_inside_a_transaction_waits_until_it_is_committed(ending):
    with pytest.raises(EndedError):
        told_inside(lambda: Minute.from_sample("web:1", "boot1", "web", sample()).save())
    assert Minute.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_signal_inside_a_transaction_that_is_rolled_back_is_not_forgotten(ending):
    with pytest.raises(ZeroDivisionError):
        told_inside(lambda: 1 / 0)
    assert ending.is_told
