"""docs/python.md begins with the public names, docs/checks.md lists the checks, and examples work."""

import ast
import inspect
import json
import re
from typing import Any

import pytest

import monitoring
from monitoring import access
from tests.docs.pages import PAGES, ROOT, page, rows, section
from tests.waiting import PatientCommunicator

AWAITS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
CHECKS = page("checks.md")
PYTHON = page("python.md")


def test_the_python_page_begins_with_exactly_the_public_names():
    listed = [row[0].strip("`").partition("(")[0] for row in rows(section(PYTHON, "Names").partition("###")[0])]
    assert sorted(listed) == sorted(monitoring.__all__)


@pytest.mark.parametrize("name", ["monitored", "connection_of"])
def test_the_python_page_shows_the_arguments_of_a_function(name):
    (shown,) = re.findall(rf"^\| `{name}\((.*?)\)` \|", PYTHON, re.MULTILINE)
    parameters = inspect.signature(getattr(monitoring, name)).parameters.values()
    assert shown == ", ".join(str(one.replace(annotation=one.empty)).replace("'", '"') for one in parameters)


def example_of(name: str, word: str) -> Any:
    """The example on a page that has this word, compiled; it imports from this repository, not from the package."""
    blocks = re.findall(r"```python\n(.*?)```", page(name), re.DOTALL)
    (found,) = [block for block in blocks if word in block]
    return compile(found.replace("avatar_monitoring import", "monitoring import"), name, "exec", AWAITS)


async def test_the_example_of_a_monitor_works():
    await eval(example_of("python.md", "PerformanceMonitor("), {})


async def test_the_example_of_a_consumer_works():
    found: dict[str, Any] = {}
    exec(example_of("python.md", "class Echo"), found)
    socket = PatientCommunicator(found["Echo"].as_asgi(), "/echo/")
    assert (await socket.connect())[0]
    await socket.send_to(text_data="hello")
    assert await socket.receive_from() == "hello"
    await socket.send_to(text_data="x" * 501)
    assert json.loads(await socket.receive_from())["message"] == "at most 500 characters are allowed"
    await socket.disconnect()


@pytest.mark.django_db
def test_the_example_of_a_group_gives_its_members_the_permission(django_user_model):
    found: dict[str, Any] = {}
    exec(example_of("permissions.md", "view_live"), found)
    ada = django_user_model.objects.create_user("ada")
    ada.groups.add(found["operators"])
    assert ada.has_perm(access.PERMISSION)


def test_the_page_of_checks_lists_every_id():
    sources = [path for app in ("monitoring", "dashboard", "packaging") for path in (ROOT / app).rglob("*.py")]
    raised = set(re.findall(r"avatar_monitoring\.[EWI]\d{3}", "".join(path.read_text() for path in sources)))
    listed = [row[0].strip("`") for row in rows(CHECKS)]
    assert sorted(listed) == sorted(raised)


def test_the_docs_name_only_modules_that_exist_and_import_only_names_that_exist():
    text = "\n".join(file.read_text() for file in PAGES)
    paths = re.findall(r"`((?:\w+/)+\w+\.py)`", text)
    assert [
        path for path in set(paths) if not any((root / path).exists() for root in (ROOT, ROOT / "monitoring"))
    ] == []
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        compile(block, "example", "exec", AWAITS)
        for line in re.findall(r"^from (?:monitoring|dashboard|avatar_site)\b.*", block, re.MULTILINE):
            exec(line, {})
        # The package has the same public names.
        for line in re.findall(r"^from avatar_monitoring import (.*)", block, re.MULTILINE):
            assert set(line.split(", ")) <= set(monitoring.__all__)
