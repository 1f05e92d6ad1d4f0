"""Sends a notice through Apprise, which knows over a hundred services by the schemes of their URLs."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote

from monitoring.alerting.channels.answer import Address, Message, SendResult, failed, is_permanent_status, sent
from monitoring.extras import MissingExtraError, needed

LOUD = ("apprise", "urllib3.connectionpool")
"""Loggers whose lines may hold parts of the URL."""

STATUS = re.compile(r"error=(\d{3})\b")
CALLS = re.compile(r"@(?=(?:everyone|here|channel|all)\b)", re.IGNORECASE)
SHORTEST_SECRET = 4
HIDDEN = "***"


def send(address: Address, message: Message) -> SendResult:
    with needed("apprise"):
        import apprise
    service = make(address.target)
    if service is None:
        return failed(f"Apprise does not know {scheme_of(address.target)} or misses a part of it", is_permanent=True)
    kinds = {"critical": apprise.NotifyType.FAILURE, "warning": apprise.NotifyType.WARNING}
    kind = kinds.get(message.content["severity"], apprise.NotifyType.INFO)
    if message.kind == "resolved":
        kind = apprise.NotifyType.SUCCESS
    lines: list[str] = []
    with _kept_from_the_log(lines):
        # Apprise turns plain text into what the service shows as such, HTML for example.
        everyone = apprise.Apprise([service], asset=service.asset)
        is_sent = everyone.notify(
            title=calm(message.content["title"]),
            body=calm(_body(message)),
            body_format=apprise.NotifyFormat.TEXT,
            notify_type=kind,
        )
    if is_sent:
        return sent(f"{scheme_of(address.target)} accepted it")
    said = " ".join(lines) or "no reason was given"
    status = STATUS.search(said)
    text = f"{scheme_of(address.target)}: {without_secrets(said, address.target)}"
    return failed(text, is_permanent=status is not None and is_permanent_status(int(status[1])))


def make(url: str) -> Any:
    """Apprise's object for a URL; None if it is not valid. Raises MissingExtraError."""
    with needed("apprise"):
        import apprise
    asset = apprise.AppriseAsset(app_id="Avatar monitoring", app_desc="Alerts", app_url="", async_mode=False)
    # One that is answered elsewhere is not sent: the answer to a redirected request would be taken for it.
    asset.http_redirects = False
    with _kept_from_the_log([]):
        return apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)


def problem_of(url: str) -> str:
    """What is wrong with a URL, without its secrets; empty if it can be used."""
    try:
        is_known = make(url) is not None
    except MissingExtraError as error:
        return str(error)
    return "" if is_known else f"{scheme_of(url)} is not a valid URL of Apprise"


def scheme_of(url: str) -> str:
    return url.partition("://")[0][:40] + "://…"


def without_secrets(text: str, url: str) -> str:
    """The text without any longer part of the URL, however it is written."""
    parts = {part for piece in re.split(r"[/:@?&=,;#\s]+", url) for part in (piece, unquote(piece))}
    for part in sorted(parts - {scheme_of(url)[:-4]}, key=len, reverse=True):
        if len(part) >= SHORTEST_SECRET:
            text = text.replace(part, HIDDEN)
    return text


def calm(text: str) -> str:
    """The text without words that ring everybody's phone in a chat, which a client may have as its name."""
    return CALLS.sub("@\N{ZERO WIDTH SPACE}", text)


def _body(message: Message) -> str:
    content = message.content
    url = content["url"]
    return content["text"] + (f"\n{url}" if url and url not in content["text"] else "")


_taken: ContextVar[list[str] | None] = ContextVar("_taken", default=None)
"""The lines of the call that runs; Apprise hands it on to its threads."""


class _Collector(logging.Filter):
    """Takes what one call of Apprise logs, in whatever threads, so that it reaches no handler."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def filter(self, record: logging.LogRecord) -> bool:
        if _taken.get() is not self._lines:
            return True
        if record.levelno >= logging.WARNING:
            self._lines.append(record.getMessage())
        return False


@contextmanager
def _kept_from_the_log(lines: list[str]) -> Iterator[None]:
    collector = _Collector(lines)
    loggers = [logging.getLogger(name) for name in LOUD]
    for one in loggers:
        one.addFilter(collector)
    token = _taken.set(lines)
    try:
        yield
    finally:
        _taken.reset(token)
        for one in loggers:
            one.removeFilter(collector)
