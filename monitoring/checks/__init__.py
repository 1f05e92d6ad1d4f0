"""System checks: say before the start what would otherwise go wrong silently. docs/checks.md explains each.

Only what keeps monitoring itself from starting is an error. The project runs well without us, so everything else is a
warning, or information that the project may silence.
"""

from monitoring.checks import as_configured, channel_layers, page_needs, releases, storing, wrapping

__all__ = ["as_configured", "channel_layers", "page_needs", "releases", "storing", "wrapping"]
