from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from monitoring.history.alert_search import AlertSearch
from monitoring.history.session_search import SessionSearch

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BOTH = pytest.mark.parametrize(
    ("kind", "query"),
    [(AlertSearch, "node=web%3A1&answered=no&text=a+b"), (SessionSearch, "node=web%3A1&open=yes&text=a+b")],
)


@BOTH
def test_a_search_is_what_its_own_query_asks_for(kind, query):
    search = kind.of(QueryDict(f"{query}&from=2026-11-01&to=2026-11-02"), NOW)

    assert not search.problems
    assert not search.is_empty
    assert kind.of(QueryDict(search.query), NOW) == search
    assert search.query_with(format="csv", before="") == f"{search.query}&format=csv"


@BOTH
def test_a_chip_takes_a_range_instead_of_a_period_and_away_again(kind, query):
    search = kind.of(QueryDict(f"{query}&from=2026-11-01"), NOW)

    chosen = kind.of(QueryDict(search.toggled_range("7d").query), NOW)
    assert (chosen.range_name, chosen.start) == ("7d", datetime(2026, 11, 16, 12, 0, tzinfo=UTC))
    assert kind.of(QueryDict(chosen.toggled_range("7d").query), NOW).start is None


@pytest.mark.parametrize("kind", [AlertSearch, SessionSearch])
def test_a_search_for_nothing_is_empty(kind):
    assert kind.of(QueryDict(""), NOW).is_empty
    assert kind().query == ""
