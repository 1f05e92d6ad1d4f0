"""The name under which this database's site keeps its keys in a Redis that it may share."""

from __future__ import annotations

import secrets

from django.db import models

ONLY = 1


class SiteQuerySet(models.QuerySet["Site"]):
    def own_name(self) -> str:
        """The site's name, made by whichever process asks first."""
        found = self._found()
        if found is None:
            # Several may come here at once: the row's key lets one in, and all read what that one has written.
            self.bulk_create([Site(pk=ONLY, name=secrets.token_hex(4))], ignore_conflicts=True)
            found = self._found()
            assert found is not None
        return found

    def _found(self) -> str | None:
        return self.filter(pk=ONLY).values_list("name", flat=True).first()


class Site(models.Model):
    """One row: all processes that share the database are one site."""

    name = models.CharField(max_length=32)

    objects = SiteQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=ONLY), name="monitoring_site_once")]

    def __str__(self) -> str:
        return self.name
