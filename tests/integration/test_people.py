"""A project with users of its own, in its own process, because a user model cannot be overridden in a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
STORY = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from dashboard.viewer_admission import admission
from monitoring.access import PERMISSION

settings.ALLOWED_HOSTS = ["testserver"]
call_command("migrate", run_syncdb=True, verbosity=0)
person = get_user_model().objects.create_user("ann@example.org")
client = Client()
told = {"nobody": client.get("/ops/monitoring/")}
client.force_login(person)
told["without"] = client.get("/ops/monitoring/")
told["api"] = client.get("/ops/monitoring/api/alerts")
told["data"] = client.get("/ops/monitoring/live/past/?from=0&to=1")
told["out"] = client.post("/ops/monitoring/sign-out/")
client.force_login(person)
cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()
sockets = [admission({"headers": [(b"cookie", cookie)]}).code]
if hasattr(person, "user_permissions"):
    person.user_permissions.add(Permission.objects.get(codename="view_live"))
    told |= {path: client.get(f"/ops/monitoring/{path}") for path in ("", "clients/", "alerts/", "trends/")}
sockets.append(admission({"headers": [(b"cookie", cookie)]}).code)
answers = {name: [one.status_code, one.get("Location"), one.content.decode()] for name, one in told.items()}
print(json.dumps({"answers": answers, "sockets": sockets}))
"""


def story(directory: Path, user: str) -> dict:
    environment = {
        **os.environ,
        "PEOPLE_DIRECTORY": str(directory),
        "PEOPLE_USER": user,
        "DJANGO_SETTINGS_MODULE": "tests.integration.people.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", STORY], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return story(tmp_path_factory.mktemp("people"), "Person")


@pytest.fixture(scope="module")
def visitors(tmp_path_factory):
    return story(tmp_path_factory.mktemp("visitors"), "Visitor")


def test_people_sign_in_at_the_admin_of_a_project_that_says_nothing_else(people):
    assert people["answers"]["nobody"][:2] == [302, "/office/login/?next=/ops/monitoring/"]


def test_who_lacks_the_permission_is_told_so_by_the_name_they_sign_in_with(people):
    status, _, page = people["answers"]["without"]
    assert status == 403
    assert "<bdi>ann@example.org</bdi>" in page
    assert "<code>avatar_monitoring.view_live</code>" in page


def test_who_has_it_sees_every_page_without_a_trace_of_the_projects_template_settings(people):
    for path in ("", "clients/", "alerts/", "trends/"):
        status, _, page = people["answers"][path]
        assert status == 200
        assert "INVALID" not in page
        assert 'action="/ops/monitoring/sign-out/"' in page
        assert "/their-files/avatar_monitoring/" in page


def test_the_socket_admits_the_same_people_under_the_projects_own_cookie(people):
    assert people["sockets"] == [4403, None]


def test_where_the_admin_is_missing_nobody_can_sign_in_and_the_page_says_so(visitors):
    status, _, page = visitors["answers"]["nobody"]
    assert status == 401
    assert "Nobody can sign in here" in page


def test_users_without_permissions_are_told_what_their_model_needs(visitors):
    needed = "The user model people.Visitor has no permissions: give it django.contrib.auth.models.PermissionsMixin"
    status, _, page = visitors["answers"]["without"]
    assert (status, needed in page) == (403, True)
    for name in ("api", "data"):
        assert visitors["answers"][name][0] == 403
        assert needed in visitors["answers"][name][2]
    assert visitors["sockets"] == [4403, 4403]


def test_they_can_sign_out_too(visitors):
    status, _, page = visitors["answers"]["out"]
    assert (status, "You are signed out" in page) == (200, True)
