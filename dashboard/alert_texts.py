"""What pages say about an alert, in their language: its name, one sentence, and what to do about it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

from dashboard.languages import gettext, in_words
from monitoring import alert_words
from monitoring.alerting import channel_failures
from monitoring.models import Alert

ADVICE: Final = {
    "cpu_percent": gettext_noop(
        "See what else runs on this host. If the clients need it all, add a node on another host."
    ),
    "memory_percent": gettext_noop(
        "See in the trends whether memory grows steadily. If it does, something leaks; if not, the host is too small."
    ),
    "latency_ms": gettext_noop(
        "Open the live page's clients by latency: if all are slow, look at this server; if a few are, at their network."
    ),
    "stale_client_seconds": gettext_noop(
        "The connection is open, but nothing arrives. Ask the client's user, or look at the network between."
    ),
    "journal_lag_seconds": gettext_noop(
        "This server cannot write to Redis. See that Redis runs and has memory; nothing is lost meanwhile."
    ),
    "store_lag_seconds": gettext_noop("See that the Celery worker and beat run, or store_history --loop."),
    "clock_skew_seconds": gettext_noop("Have this host's clock synchronised by NTP, for example with chrony."),
    "evictable_percent": gettext_noop("Set Redis's maxmemory-policy to noeviction, or give it more memory."),
    "loop_lag_ms": gettext_noop(
        "Something blocks the event loop: look for slow synchronous code in the application's consumers."
    ),
    "node_gone": gettext_noop(
        "See whether the process was killed, by the system for want of memory for example, and start it again."
    ),
    channel_failures.RULE: gettext_noop("Open the channel in the admin, mend its target and send a test."),
}


def label_of(rule: str, metric: str = "") -> str:
    """The name of a rule for people: that of its metric if it is a built-in one."""
    return in_words(alert_words.label_of, rule, metric)


def advice_of(metric: str) -> str:
    """What to do about an alert; empty for a metric of the project's own."""
    known = ADVICE.get(metric)
    return gettext(known) if known else ""


def headline(alert: Alert) -> str:
    """One sentence: what is wrong with what, how much, and where the limit is."""
    return in_words(alert_words.headline, alert)
