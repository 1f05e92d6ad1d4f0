"""Tokens for screens on a wall: each is exchanged once for a cookie, with which one browser may watch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from monitoring.columns import MAX_USERNAME, fitting

LONGEST_KIOSK_NAME = 100
EXCHANGE_WITHIN = timedelta(hours=24)
"""A token that nobody has used by then is of no use any more, wherever it was written down."""


class KioskTokenQuerySet(models.QuerySet["KioskToken"]):
    def in_force(self, now: datetime) -> Self:
        """Neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=now)

    def to_exchange(self, digest: str, now: datetime) -> Self:
        """The token with this digest, if it may still be exchanged."""
        return self.in_force(now).filter(digest=digest, exchanged_at=None, created_at__gt=now - EXCHANGE_WITHIN)

    def shown_on(self, digests: list[str], now: datetime) -> Self:
        """Those whose screens have a cookie with one of these digests."""
        return self.in_force(now).filter(cookie_digest__in=digests)

    def revoke(self, by: str, now: datetime) -> int:
        """Returns how many were not revoked before."""
        return self.filter(revoked_at=None).update(revoked_at=now, revoked_by=fitting(by, MAX_USERNAME))

    def latest_first(self) -> Self:
        return self.order_by("-created_at", "-id")


class KioskToken(models.Model):
    """Of the token and of the cookie only digests are stored (SHA-256 in hexadecimal), so no backup lets anybody in."""

    name = models.CharField(max_length=LONGEST_KIOSK_NAME)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=MAX_USERNAME, editable=False)
    expires_at = models.DateTimeField(editable=False)
    exchanged_at = models.DateTimeField(null=True, editable=False)
    cookie_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.CharField(max_length=MAX_USERNAME, blank=True, editable=False)

    objects = KioskTokenQuerySet.as_manager()

    class Meta:
        get_latest_by = "created_at"

    def __str__(self) -> str:
        return self.name

    def state_at(self, now: datetime) -> str:
        """One of "revoked", "expired", "in use", "not used in time", "not used yet"."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= now:
            return "expired"
        if self.exchanged_at is not None:
            return "in use"
        return "not used yet" if self.created_at > now - EXCHANGE_WITHIN else "not used in time"
