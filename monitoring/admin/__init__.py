"""What is stored, in Django's admin, which imports this package by its name."""

from monitoring.admin import event_lists, tier_lists

__all__ = ["event_lists", "tier_lists"]
