"""What is stored, in Django's admin, which imports this package by its name."""

from monitoring.admin import events, tiers

__all__ = ["events", "tiers"]
