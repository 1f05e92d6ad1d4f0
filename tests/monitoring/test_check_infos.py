"""What the checks only inform of is told by `check` and by what starts a server, not by every command."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from monitoring.check_infos import without_infos
from monitoring.checks.storing import check_redis
from monitoring.management.shared_options import CommandWithExamples


class Quiet(CommandWithExamples):
    """A command that only checks."""

    def handle(self, **_: object) -> None:
        pass


@pytest.fixture
def live_only(settings) -> None:
    """A project without Redis, of which the checks inform."""
    settings.REDIS_URL = ""


def test_a_command_of_ours_does_not_repeat_what_check_informs_of(live_only, capsys):
    call_command(Quiet(), skip_checks=False)
    assert "I003" not in capsys.readouterr().err
    call_command("check")
    assert "I003" in capsys.readouterr().err


def test_what_starts_a_server_informs(live_only, capsys):
    command = Quiet()
    command.tells_infos = True
    call_command(command, skip_checks=False)
    assert "I003" in capsys.readouterr().err


def test_errors_and_warnings_are_told_all_the_same(settings):
    settings.AVATAR_MONITORING = {"AVATAR_METRICS_INTERVAL": "often"}
    with pytest.raises(SystemCheckError, match="E001"):
        call_command(Quiet(), skip_checks=False)


def test_it_ends_with_the_command(live_only):
    with without_infos():
        assert check_redis() == []
    assert [one.id for one in check_redis()] == ["avatar_monitoring.I003"]
