"""A worker that stops for good in the midst of storing, once it has said so, for a test to kill it there."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

from tests.faults.quick_celery import app

django.setup()

from monitoring.journal import stream  # noqa: E402 - needs Django to be set up
from monitoring.storage import rows  # noqa: E402

__all__ = ["app"]

REACHED = Path(os.environ["FAULT_REACHED"])


def stop_here() -> None:
    REACHED.touch()
    time.sleep(600)


def after(done: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*arguments: Any) -> Any:
        done(*arguments)
        stop_here()

    return wrapped


if os.environ["FAULT_AT"] == "between upsert and commit":
    rows.store = after(rows.store)
else:
    stream.trim_up_to = lambda *_: stop_here()
