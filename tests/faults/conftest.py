from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stack import Stack, running_stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Valkey and a database; nothing else runs yet. The processes' output is shown if the test fails."""
    with running_stack(tmp_path) as stack:
        yield stack
        print(stack.logs())
