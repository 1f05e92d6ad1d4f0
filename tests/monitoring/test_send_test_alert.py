from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from monitoring.models import Notice
from tests.monitoring.alerting.rows import channel, webhook
from tests.receivers import http_receiver
from tests.site import free_port

pytestmark = pytest.mark.django_db


def run(**options) -> list[str]:
    said = StringIO()
    call_command("send_test_alert", stdout=said, **options)
    return said.getvalue().splitlines()


def test_it_prints_what_each_channel_answered():
    with http_receiver() as receiver:
        webhook(receiver.url, "night shift")
        head, line = run()
    assert head.split() == ["channel", "kind", "result", "seconds", "answer"]
    assert line.startswith("night shift  webhook  ok      0.")
    assert line.endswith("  200 OK")
    assert Notice.objects.get().kind == "test"


def test_it_fails_if_any_channel_fails():
    webhook(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CommandError, match=r"^1 of 1 failed$"):
        run()


def test_it_can_test_one_that_is_off():
    with http_receiver() as receiver:
        webhook(receiver.url, "off", enabled=False)
        channel("other")
        assert len(run(channel="off")) == 2


def test_an_unknown_channel_is_named_with_those_that_there_are():
    channel()
    with pytest.raises(CommandError, match=r"^--channel nobody: must be a channel's name \(operators\)$"):
        run(channel="nobody")


def test_without_channels_it_says_how_to_have_one():
    with pytest.raises(CommandError, match=r"^There are no alert channels: set AVATAR_ALERT_URLS, or add one"):
        run()
