"""What is wrong with a channel that somebody enters; nothing here repeats a secret."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.alerting.channels import apprise_url
from monitoring.alerting.channels.email import recipients
from monitoring.core.inputs import echo
from monitoring.models.notice import ALERTMANAGER, APPRISE, EMAIL, WEBHOOK

SHORTEST_SECRET = 16
MOST_RECIPIENTS = 50
TARGETS = {
    APPRISE: _("a URL of Apprise, such as slack://… or mailto://…"),
    EMAIL: _("one or more e-mail addresses, separated by commas"),
    WEBHOOK: _("a URL such as https://example.com/alerts"),
    ALERTMANAGER: _("the address of an Alertmanager, such as http://localhost:9093"),
}
"""What the target of each kind is."""


def problem_of_target(kind: str, target: str) -> str:
    """Empty if there is none."""
    if kind == EMAIL:
        return _problem_of_addresses(target)
    if kind == APPRISE:
        return apprise_url.problem_of(target)
    try:
        url = urlsplit(target)
        is_known = url.scheme in ("http", "https") and url.hostname and url.port != 0 and not url.fragment
    except ValueError:
        is_known = False
    if is_known and re.fullmatch(r"[!-~]+", target):
        return ""
    return gettext("must be %(allowed)s") % {"allowed": TARGETS[kind]}


def problem_of_secret(kind: str, secret: str) -> str:
    """What is wrong with a channel's secret, in the reader's language; empty if nothing is."""
    if kind in (APPRISE, EMAIL):
        return gettext("must be empty for %(kind)s") % {"kind": kind} if secret else ""
    if kind == ALERTMANAGER and not secret:
        return ""
    if len(secret) < SHORTEST_SECRET or not re.fullmatch(r"[!-~]+", secret):
        allowed = gettext("must be at least %(number)d printable ASCII characters without spaces")
        return allowed % {"number": SHORTEST_SECRET}
    return ""


def masked(kind: str, target: str) -> str:
    """As much of a target as anybody may see: addresses, the host of a URL, or the service that Apprise calls."""
    if kind == EMAIL or not target:
        return target
    if kind == APPRISE:
        return apprise_url.scheme_of(target)
    url = urlsplit(target)
    return f"{url.scheme}://{url.hostname}{f':{url.port}' if url.port else ''}/…"


def _problem_of_addresses(target: str) -> str:
    found = recipients(target)
    for one in found:
        try:
            validate_email(one)
        except ValidationError:
            return gettext("%(text)s is not an e-mail address") % {"text": echo(one)}
    if 1 <= len(found) <= MOST_RECIPIENTS:
        return ""
    return gettext("must be %(allowed)s, %(most)d at most") % {"allowed": TARGETS[EMAIL], "most": MOST_RECIPIENTS}
