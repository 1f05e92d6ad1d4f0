"""The path of beat's scheduler in systemd units that were written for an earlier release."""

from avatar_site.celery import Scheduler

__all__ = ["Scheduler"]
