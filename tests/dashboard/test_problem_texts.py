"""What is wrong with a parameter, as pages say it: English as the readers do, and in Korean without an English word."""

import re

import pytest
from django.http import QueryDict
from django.utils import timezone, translation

from dashboard.periods import UnknownPeriodError, parse
from dashboard.problem_texts import problem_text
from monitoring.history.alert_search import AlertSearch
from monitoring.history.session_search import SessionSearch
from tests.dashboard.alerts import operator_client

WRONG = [
    "range=2h", "from=yesterday", "from=2026-01-02&to=2026-01-01", "from=3000-01-01", "to=now", "compare=x", "gone=x",
    "from=2999-01-01&to=now", "from=1990-01-01&to=2020-01-01", "node=nobody", "text=" + "x" * 300, "severity=x",
    "state=x", "episode=7", "&".join(f"rule=r{number}" for number in range(30)),
]  # fmt: skip


def problems(query: str) -> list[str]:
    found = [*AlertSearch.of(QueryDict(query), timezone.now()).problems]
    found += SessionSearch.of(QueryDict(query), timezone.now()).problems
    try:
        parse(QueryDict(query).dict(), timezone.now())
    except UnknownPeriodError as error:
        found.append(str(error))
    return found


@pytest.mark.parametrize("query", WRONG, ids=lambda query: query[:20])
def test_what_is_wrong_with_a_query_is_told_in_both_languages(db, query):
    found = problems(query)
    assert found
    for problem in found:
        assert problem_text(problem) == problem
        with translation.override("ko"):
            told = problem_text(problem)
        assert re.search("[가-힣]", told), problem
        assert "must" not in told.rpartition(": ")[2]


@pytest.mark.parametrize("query", ["enter=x", "exit=99", "for=-1", "enter=1e30"])
def test_impossible_numbers_of_a_rule_are_told_in_the_readers_language(db, query):
    page = (
        operator_client(headers={"accept-language": "ko"}).get(f"/alerts/rules/cpu_percent/?{query}").content.decode()
    )
    told = re.search(r'id="problem"[^>]*>([^<]*)<', page)
    assert told
    assert re.search("[가-힣]", told[1])


def test_a_sentence_that_has_no_words_in_the_language_stays_as_it_is():
    with translation.override("ko"):
        assert problem_text("x=1: must be something new") == "x=1: must be something new"
        assert problem_text("no colon") == "no colon"
