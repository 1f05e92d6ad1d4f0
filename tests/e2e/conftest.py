from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For the tests of one file: no other tests may run in the event loop that it brings."""
    with chromium() as browser:
        yield browser
