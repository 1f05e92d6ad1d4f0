import asyncio
import json
import types
from pathlib import Path

import pytest

import monitoring
from monitoring.core.application_errors import described

HERE = "tests/monitoring/core/test_application_errors.py"


class RoomFullError(Exception):
    """An exception of a project's own."""


def raised(call) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        call()
    return caught.value


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(Path(__file__).read_text().splitlines(), 1) if text in line)


def enter() -> None:
    raise KeyError("secret-password")  # here


def parse() -> None:
    json.loads("{")  # in a library


def gather() -> None:
    raise ExceptionGroup("several", [ValueError("secret")])  # together


def test_an_exception_that_was_only_put_into_a_group_has_the_line_of_the_group():
    assert described(raised(gather)) == f"ValueError at {HERE}:{line_of('# together')} in gather"


def test_a_file_whose_name_is_no_text_can_be_stored():
    code = compile("raise KeyError", "rooms\udcff.py", "exec")
    assert described(raised(lambda: exec(code))) == "KeyError at rooms?.py:1 in <module>"


def test_class_and_line_without_the_text():
    text = described(raised(enter))
    assert text == f"KeyError at {HERE}:{line_of('# here')} in enter"
    assert "secret" not in text


def test_the_innermost_line_of_the_projects_own_code_counts():
    assert described(raised(parse)) == f"json.decoder.JSONDecodeError at {HERE}:{line_of('# in a library')} in parse"


def test_a_projects_folder_beside_this_package_is_its_own_code_whatever_its_name_begins_with():
    beside = f"{Path(monitoring.__file__).parent}_rules/rooms.py"
    function = types.FunctionType(compile("raise KeyError", beside, "exec"), {})

    # The caller's line is the project's own too, but further out.
    assert described(raised(function)).endswith("monitoring_rules/rooms.py:1 in <module>")


def test_an_exception_of_the_project_has_its_module():
    def fail() -> None:
        raise RoomFullError

    assert described(raised(fail)).startswith("tests.monitoring.core.test_application_errors.RoomFullError at ")


def test_a_group_is_described_by_its_first_exception():
    async def fail() -> None:
        enter()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())

    assert described(raised(lambda: asyncio.run(both()))).startswith(f"KeyError at {HERE}:")


def test_without_any_own_line_the_innermost_one_is_named():
    foreign = types.FunctionType(compile("raise ValueError", "/usr/lib/site-packages/pkg/mod.py", "exec"), {})
    # The frame of this file is the caller's, and is left out.
    error = raised(foreign)
    assert error.__traceback__ is not None
    while error.__traceback__.tb_next is not None:
        error.__traceback__ = error.__traceback__.tb_next
    assert described(error) == "ValueError at mod.py:1 in <module>"


def test_an_exception_that_was_never_raised_has_only_a_class():
    assert described(ValueError("secret")) == "ValueError"


def test_it_fits_into_its_column():
    function = types.FunctionType(compile("raise ValueError", f"/{'long/' * 100}mod.py", "exec"), {})
    assert len(described(raised(function))) <= 255
