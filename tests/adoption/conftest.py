from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.adoption.project import Project, postgres_variables, running_valkey
from tests.adoption.recipe import Recipe
from tests.e2e.browser import chromium
from tests.postgres import running_postgres


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of the environments, which all workers share."""
    own = tmp_path_factory.getbasetemp()
    return (own if worker_id == "master" else own.parent) / "environments"


@pytest.fixture
def browser() -> Iterator[Browser]:
    # Its event loop runs as long as it is open, and tests that come later in this process have loops of their own.
    with chromium() as browser:
        yield browser


@pytest.fixture
def project(recipe: Recipe, tmp_path: Path) -> Iterator[Project]:
    """The host as its own people left it, with its database and its Valkey; nothing runs yet."""
    with ExitStack() as stack:
        variables = {"REDIS_URL": stack.enter_context(running_valkey(tmp_path))}
        if recipe.database == "postgresql":
            variables |= stack.enter_context(postgres_variables(stack.enter_context(running_postgres())))
        yield Project(recipe, tmp_path, variables)
