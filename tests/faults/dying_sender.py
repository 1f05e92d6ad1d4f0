"""A worker that stops in the middle of sending notices, for a test to kill it there."""

import os
import time
from pathlib import Path
from typing import Any

import django

from tests.faults.quick_celery import app

django.setup()

from monitoring.alerting import delivery  # noqa: E402 - needs Django to be set up
from monitoring.alerting.attempts import Attempt  # noqa: E402

__all__ = ["app"]

REACHED = Path(os.environ["FAULT_REACHED"])


def stop_here(*_: Any) -> None:
    with REACHED.open("a") as file:
        file.write("x")
    time.sleep(600)


if os.environ["FAULT_AT"] == "before sending":
    Attempt.send = stop_here  # type: ignore[method-assign]
else:
    delivery.record = stop_here
