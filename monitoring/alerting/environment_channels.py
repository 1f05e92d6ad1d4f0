"""The channels of AVATAR_ALERT_URLS: a row for each URL, which knows it by a fingerprint and never holds it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import count

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from monitoring import conf
from monitoring.alerting import channel_failures
from monitoring.alerting.channels.apprise_url import scheme_of
from monitoring.models import AlertChannel
from monitoring.models.notice import APPRISE

SALT = "avatar_monitoring.alert_urls"
GONE = "its URL is no longer in AVATAR_ALERT_URLS"


def keep_rows(now: datetime, *, switch_off: bool = True) -> None:
    """Makes a row for each URL that has none; switches off those whose URL is gone, and on again if it returns.

    That a channel does not work is nobody's concern any more once its URL is gone.
    For the process that sends, which is the one that must have the variable.
    """
    rows = list(AlertChannel.objects.of_environment())
    missing = dict.fromkeys(conf.current().alert_urls)
    for row in rows:
        url = url_of(row)
        if url is not None:
            missing.pop(url, None)
        if url is None and row.disabled_reason != GONE and switch_off:
            AlertChannel.objects.filter(pk=row.pk).update(disabled_at=now, disabled_reason=GONE)
            channel_failures.end(row.name, now, channel_failures.REMOVED)
        elif url is not None and row.disabled_reason == GONE:
            AlertChannel.objects.filter(pk=row.pk).update(disabled_at=None, disabled_reason="")
    if missing:
        _add(list(missing))


def url_of(channel: AlertChannel) -> str | None:
    """The URL of a row's fingerprint; None if this process's environment does not have it."""
    found = (url for url in conf.current().alert_urls if channel.fingerprint in _fingerprints(url))
    return next(found, None)


@transaction.atomic
def _add(urls: list[str]) -> None:
    # Another process may add them at the same time.
    taken = set(AlertChannel.objects.select_for_update().values_list("name", flat=True))
    known = {row.fingerprint for row in AlertChannel.objects.of_environment()}
    for url in urls:
        fingerprint = next(_fingerprints(url))
        if fingerprint not in known:
            name = _free_name(scheme_of(url).removesuffix("://…"), taken)
            taken.add(name)
            AlertChannel.objects.get_or_create(name=name, defaults={"kind": APPRISE, "fingerprint": fingerprint})


def _free_name(scheme: str, taken: Collection[str]) -> str:
    first = f"{scheme} of AVATAR_ALERT_URLS"
    names = (first if number == 1 else f"{first}, {number}" for number in count(1))
    return next(name for name in names if name not in taken)


def _fingerprints(url: str) -> Iterator[str]:
    """By the present SECRET_KEY, and by those before it."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield salted_hmac(SALT, url, secret, algorithm="sha256").hexdigest()
