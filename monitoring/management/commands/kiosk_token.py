"""Makes, lists and revokes tokens for screens on a wall."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from monitoring import conf
from monitoring.alerting.page_links import link
from monitoring.core.counted import counted
from monitoring.core.inputs import echo
from monitoring.kiosk_screens import DAYS, MOST_DAYS, create
from monitoring.management.shared_options import CommandWithExamples
from monitoring.models import KioskToken

DEEDS = ("create", "list", "revoke")
BY = "the command kiosk_token"
EXAMPLES = """examples:
  python manage.py kiosk_token create "office, second floor"
  python manage.py kiosk_token create lobby --days 30
  python manage.py kiosk_token list
  python manage.py kiosk_token revoke lobby
"""


class Command(CommandWithExamples):
    help = (
        "Lets a screen on a wall watch without a signed-in user: `create` prints an address to open in its browser, "
        "once, within 24 hours; `list` says which screens watch; `revoke` ends that."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("deed", choices=DEEDS, metavar="|".join(DEEDS), help="what to do")
        parser.add_argument(
            "which", nargs="?", default="", help="the name of a screen; to revoke, or its number in the list"
        )
        parser.add_argument(
            "--days",
            default="",
            metavar="N",
            help=f"of create: how long it may watch, 1 to {MOST_DAYS}, {DAYS} by default",
        )

    def handle(self, *, deed: str, **options: Any) -> None:
        if (deed == "list") == bool(options["which"]):
            raise CommandError(f"{deed} takes {'no name' if deed == 'list' else 'the name of a screen'}")
        if options["days"] and deed != "create":
            raise CommandError(f"{deed} takes no --days: they are of create")
        {"create": self._create, "list": self._list, "revoke": self._revoke}[deed](options)

    def _create(self, options: dict[str, Any]) -> None:
        page = _start_page()
        try:
            row, secret = create(options["which"], BY, options["days"] or DAYS)
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"made token {row.pk} for {row.name}, until {row.expires_at:%Y-%m-%d}. Open once, within 24 hours:",
            self.style.SUCCESS,
        )
        self.stdout.write(f"{page}#{secret}")

    def _list(self, _options: dict[str, Any]) -> None:
        now = timezone.now()
        rows = KioskToken.objects.latest_first()
        for row in rows:
            seen = f"{row.seen_at:%Y-%m-%d %H:%M}" if row.seen_at else "never"
            when = f"last seen {seen:<16}  until {row.expires_at:%Y-%m-%d}"
            self.stdout.write(f"{row.pk:>4}  {row.state_at(now):<16}  {when}  {row.name}")
        self.stdout.write(counted(len(rows), "token"))

    def _revoke(self, options: dict[str, Any]) -> None:
        which = options["which"]
        number = Q(pk=int(which)) if which.isascii() and which.isdigit() and len(which) < 19 else Q()
        found = KioskToken.objects.filter(Q(name=which) | number if number else Q(name=which))
        if not found.exists():
            raise CommandError(f"{echo(which)}: no token has this name or number; see kiosk_token list")
        revoked = found.revoke(BY, timezone.now())
        self.stdout.write(f"revoked {counted(revoked, 'token')}: {which}", self.style.SUCCESS)


def _start_page() -> str:
    """The whole address if the project has named its own, else the path."""
    try:
        return link(conf.current().public_url, "kiosk") or reverse("avatar_monitoring:kiosk")
    except NoReverseMatch:
        raise CommandError("this project has no pages of avatar_monitoring, which a screen could show") from None
