import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring.core.verdicts import Verdict
from tests.faults.verdict_bench import Results, running_bench
from tests.site import Site, running_site

SITE = "tests.faults.troubled_site:application"
DAPHNE, UVICORN = "daphne", "uvicorn"

ROUNDS = 7
OF_EACH = 3
"""In each round, so that each trouble occurs 21 times on each server."""

BLOCKED_ROUNDS = 20


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[dict[str, Site]]:
    """The troubled site under daphne and under uvicorn, beside each other."""
    (tmp_path / DAPHNE).mkdir()
    (tmp_path / UVICORN).mkdir()
    with running_site(tmp_path / DAPHNE) as one, running_site(tmp_path / UVICORN) as other:
        yield {DAPHNE: one, UVICORN: other}


def serve(server: str, site: Site) -> None:
    site.migrate()
    if server == DAPHNE:
        site.daphne(application=SITE)
    else:
        site.server("-m", "uvicorn", "--port", str(site.port), "--log-level", "warning", SITE)


async def every_trouble(server: str, site: Site) -> Results:
    async with running_bench(server, site, seed=os.environ.get("FAULT_SEED", "1")) as bench:
        for number in range(ROUNDS):
            await bench.sick_clients(str(number), OF_EACH)
        for _ in range(BLOCKED_ROUNDS):
            await bench.blocked_loop()
            await bench.recover()
        return bench.results


@pytest.mark.faults
def test_verdicts_are_right(sites, capsys):
    for server, site in sites.items():
        serve(server, site)

    async def both() -> list[Results]:
        return await asyncio.gather(*(every_trouble(server, site) for server, site in sites.items()))

    results = asyncio.run(both())
    with capsys.disabled():
        print(*["", *(line for one in results for line in one.lines())], sep="\n")
    for one in results:
        assert {trouble: one.share_right(trouble) for trouble in one.troubles if one.share_right(trouble) < 0.95} == {}
        assert one.share_innocent >= 0.99


def test_each_trouble_gets_its_verdict(tmp_path):
    with running_site(tmp_path) as site:
        serve(DAPHNE, site)
        results = asyncio.run(sample(site))
    print(*results.lines(), sep="\n")
    assert [one for one in results.outcomes if one.seconds is None] == []
    # A busy machine is slow for everybody, but nobody is accused of what only a client does.
    of_clients = {Verdict.NOT_READING, Verdict.CLIENT_BUSY, Verdict.HIDDEN}
    assert [row for row in results.accused if row["verdict"] in of_clients] == []


async def sample(site: Site) -> Results:
    async with running_bench(DAPHNE, site, count=20) as bench:
        await bench.sick_clients("1", seconds=30, until_right=True)
        await bench.blocked_loop(seconds=30)
        return bench.results
