from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from monitoring.models import Marker

pytestmark = pytest.mark.django_db


def mark(*arguments: str) -> str:
    output = StringIO()
    call_command("mark_deploy", *arguments, stdout=output, no_color=True)
    return output.getvalue()


def test_it_marks_this_moment():
    before = timezone.now()
    said = mark("release 2")
    marker = Marker.objects.get()
    assert before <= marker.at <= timezone.now()
    assert said == f"marked {marker.at:%Y-%m-%d %H:%M:%S} UTC: release 2\n"


def test_it_marks_any_moment():
    mark("new disks", "--at", "2026-01-02T12:00")
    mark("restart", "--at=-2h")
    newest, oldest = Marker.objects.latest_first()
    assert f"{oldest.at:%Y-%m-%dT%H:%M}" == "2026-01-02T12:00"
    assert timezone.now() - newest.at == pytest.approx(timedelta(hours=2), abs=timedelta(seconds=10))


@pytest.mark.parametrize("text", ["", " \n ", "x" * 201])
def test_a_text_is_needed_and_not_a_book(text):
    with pytest.raises(CommandError, match="must have 1 to 200"):
        mark(text)
    assert not Marker.objects.exists()


def test_a_moment_that_is_none_is_said_so():
    with pytest.raises(CommandError, match="--at tomorrow: must be now, a time ago"):
        mark("release 2", "--at", "tomorrow")


def test_lines_become_one_line():
    mark("release 2\n and  more")
    assert Marker.objects.get().text == "release 2 and more"


def test_a_text_of_a_shell_that_does_not_speak_utf_8_is_refused_in_one_line():
    with pytest.raises(CommandError, match=r"^text caf\\udce9: must be at most 200 characters"):
        mark("caf\udce9")
    assert not Marker.objects.exists()
