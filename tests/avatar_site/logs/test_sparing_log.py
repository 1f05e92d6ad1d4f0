import logging
import threading

import pytest
from django.core.exceptions import DisallowedHost, RequestAborted
from redis.exceptions import ReadOnlyError

from avatar_site.logs import sparing_log as module
from avatar_site.logs.sparing_log import LINES, MOST_KINDS_OF_LOGGER, WINDOW_SECONDS, Sparing
from tests.fakes import FakeClock


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        self.texts: list[str] = []

    def emit(self, record):
        self.texts.append(self.format(record))


@pytest.fixture
def later() -> list:
    return []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lines(clock, later) -> Lines:
    handler = Lines()
    handler.addFilter(Sparing(clock, lambda seconds, call: later.append((seconds, call))))
    return handler


@pytest.fixture
def log(lines):
    logger = logging.getLogger("daphne.tests")
    logger.addHandler(lines)
    yield logger
    logger.removeHandler(lines)


def fail(log, error: Exception) -> None:
    try:
        raise error
    except Exception:
        log.exception("It failed")


def test_a_flood_of_one_kind_is_a_few_lines_and_a_count(log, lines, later):
    for number in range(1000):
        log.warning("Not Found: %s", number)
    assert lines.texts == [f"WARNING Not Found: {number}" for number in range(LINES)]
    ((seconds, summarise),) = later
    assert seconds == WINDOW_SECONDS
    summarise()
    assert lines.texts[LINES:] == [f"WARNING {1000 - LINES} more like this in 60 s: Not Found: {LINES}"]


def test_another_kind_and_another_minute_have_lines_of_their_own(log, lines, clock):
    for _ in range(LINES + 1):
        log.warning("one")
    log.warning("two")
    clock.advance(WINDOW_SECONDS)
    log.warning("one")
    assert lines.texts == ["WARNING one"] * LINES + ["WARNING two", "WARNING one"]


def test_a_traceback_comes_once_a_minute(log, lines):
    for _ in range(3):
        fail(log, RuntimeError("broken"))
    (text,) = lines.texts
    assert text.endswith("RuntimeError: broken")


def test_client_text_in_a_suspicious_request_makes_no_new_kind(log, lines, later):
    for number in range(100):
        error = DisallowedHost(f"Invalid HTTP_HOST header: '{number}.evil.test{'x' * 1000}'")
        log.error(str(error), exc_info=error)
    assert len(lines.texts) == LINES
    assert max(map(len, lines.texts)) < 400
    assert len(later) == 1


def test_other_text_that_clients_influence_makes_no_new_kind(log, lines, later):
    for number in range(1000):
        log.warning(f"Task {number} failed")
    assert len(lines.texts) == MOST_KINDS_OF_LOGGER + LINES
    assert len(later) == 1


def test_a_suspicious_request_is_one_line(log, lines):
    fail(log, DisallowedHost("Invalid HTTP_HOST header: 'evil.test'"))
    assert lines.texts == ["ERROR It failed"]


def test_a_traceback_that_daphne_writes_as_a_message_is_its_last_line(log, lines):
    log.error("Traceback (most recent call last):\n  File x\nValueError: no ascii\n")
    assert lines.texts == ["ERROR Could not handle a request: ValueError: no ascii"]


def test_a_client_that_leaves_before_the_answer_causes_no_line(log, lines):
    fail(log, RequestAborted())
    assert lines.texts == []


def test_the_number_of_kinds_is_limited(clock, monkeypatch):
    monkeypatch.setattr(module, "MOST_KINDS", 3)
    sparing = Sparing(clock)
    for number in range(10):
        assert sparing.filter(logging.makeLogRecord({"msg": str(number), "name": "n"}))
    assert len(sparing._windows) <= 3


@pytest.mark.parametrize("name", ["celery.worker", "celery.beat"])
def test_a_command_of_celery_that_redis_refuses_is_one_line(lines, name):
    log = logging.getLogger(name)
    log.addHandler(lines)
    try:
        try:
            raise ReadOnlyError("You can't write against\na read only replica.")
        except ReadOnlyError:
            try:
                raise RuntimeError("cannot apply store-snapshots")
            except RuntimeError as error:
                log.critical("Unrecoverable error: %r\n%s", error, ["a stack"], exc_info=True)
    finally:
        log.removeHandler(lines)
    (text,) = lines.texts
    assert text == "CRITICAL Unrecoverable error: RuntimeError('cannot apply store-snapshots')"


def test_the_line_contains_the_answer_of_redis(lines):
    log = logging.getLogger("celery.worker")
    log.addHandler(lines)
    try:
        fail(log, ReadOnlyError("You can't write against\na read only replica."))
    finally:
        log.removeHandler(lines)
    assert lines.texts == ["ERROR It failed: You can't write against a read only replica."]


def test_a_line_may_begin_in_the_middle_of_another(log, clock):
    """Garbage is collected anywhere, and what is collected may log."""
    lines = Lines()
    lines.addFilter(Sparing(clock, lambda _seconds, _call: log.warning("a task was destroyed")))
    log.addHandler(lines)
    flood = threading.Thread(target=lambda: [log.warning("a kind") for _ in range(LINES + 1)], daemon=True)
    flood.start()
    flood.join(10)
    log.removeHandler(lines)
    assert lines.texts[-1] == "WARNING a task was destroyed"
