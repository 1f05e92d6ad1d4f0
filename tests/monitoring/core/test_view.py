import unicodedata
from operator import itemgetter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.client_order import SORT_KEYS, value_of_row
from monitoring.core.client_row import row
from monitoring.core.client_states import StateLimits
from monitoring.core.message import view_key
from monitoring.core.metrics import ClientMetrics
from monitoring.core.standing import Standing
from monitoring.core.verdicts import Judgement, Sureness, Verdict
from monitoring.core.view import View, page, select

NOW = 1000.0


def client(client_id: str, **values: object) -> ClientMetrics:
    return ClientMetrics(client_id, values.pop("connected_at", 900.0), **values)


def clients(*items: ClientMetrics) -> dict[str, ClientMetrics]:
    return {item.client_id: item for item in items}


THREE = clients(
    client("ada", message_count=2, fps=60.0, connected_at=900.0),
    client("bob", message_count=9, fps=None, connected_at=950.0),
    client("eve", message_count=5, fps=0.0, connected_at=920.0),
)


def ids(view: View, among: dict[str, ClientMetrics] = THREE) -> list[str]:
    return [shown["client_id"] for shown in page([select(among, view, NOW, "n1")], view).rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("client_id", ["ada", "bob", "eve"]),
        ("-client_id", ["eve", "bob", "ada"]),
        ("message_count", ["ada", "eve", "bob"]),
        ("-message_count", ["bob", "eve", "ada"]),
        ("connection_duration", ["bob", "eve", "ada"]),
        ("connected_at", ["ada", "eve", "bob"]),
        ("fps", ["eve", "ada", "bob"]),
        ("-fps", ["ada", "eve", "bob"]),
        ("node", ["ada", "bob", "eve"]),
    ],
)
def test_rows_can_be_sorted_by_any_of_their_keys(sort, expected):
    assert ids(View(sort=sort)) == expected


def test_every_key_can_be_sorted_by_except_those_that_only_explain_another():
    explaining = {"frame_time_ms", "low_fps", "long_frames", "hidden"}
    assert row(THREE["ada"], NOW, "n1").keys() - set(SORT_KEYS) == explaining | {"states"}


@pytest.mark.parametrize(
    ("search", "found"), [("ANN", ["ada"]), ("garten", ["ada", "bob"]), ("GROSS", ["bob"]), ("da", ["ada"]), ("x", [])]
)
def test_search_finds_users_and_rooms_too(search, found):
    named = clients(client("ada", user="Ann", room="Garten"), client("bob", room="großer Garten"), client("eve"))
    assert ids(View(search=search), named) == found


@pytest.mark.parametrize(
    ("search", "found"),
    [("192.0.2", ["ada"]), ("/ws/C", ["ada"]), ("CAFÉ", ["ada"]), ("istanbul", ["bob"]), ("İSTANBUL", ["bob"]),
     ("IŞIK", ["bob"]), ("ışık", ["bob"]), ("ada bob", [])],
)  # fmt: skip
def test_search_finds_addresses_and_paths_and_turkish_letters_whatever_the_case(search, found):
    named = clients(client("ada", remote="192.0.2.7", path="/ws/café/"), client("bob", user="Işık", room="İstanbul"))
    assert ids(View(search=search), named) == found


def test_a_masked_search_knows_networks_only():
    named = clients(client("ada", remote="192.0.2.7"), client("bob", remote="2001:db8:1:2::3"))
    found = [ids(View(search=search, masked=True), named) for search in ("192.0.2", "2.7", "2001:db8:1:", ":3", "ADA")]
    assert found == [["ada"], [], ["bob"], [], ["ada"]]
    assert ids(View(search="2.7", masked=False), named) == ["ada"]


def test_search_finds_wide_letters_by_narrow_ones_and_korean_in_any_composition():
    named = clients(client("ada", user="ＡＤＡ"), client("bob", room="한국어"))
    decomposed = unicodedata.normalize("NFD", "국")
    assert [ids(View(search=search), named) for search in ("ada", "한국", decomposed)] == [["ada"], ["bob"], ["bob"]]


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"


def test_search_finds_browsers_and_their_versions():
    named = clients(client("ada", user_agent=CHROME), client("bob", user_agent="curl/8.5"), client("eve"))
    assert [ids(View(search=search), named) for search in ("chrome", "Chrome 131", "curl", "mozilla")] == [
        ["ada"], ["ada"], ["bob"], [],
    ]  # fmt: skip


def test_a_row_has_the_browser_if_it_is_known():
    assert row(client("ada", user_agent=CHROME), NOW, "n1")["browser"] == "Chrome 131"
    assert "browser" not in row(client("ada", user_agent="something of ours"), NOW, "n1")
    assert "browser" not in row(client("ada"), NOW, "n1")


def test_a_search_finds_letters_however_they_are_composed():
    named = clients(client("ada", user="김하늘"))
    assert ids(View(search=unicodedata.normalize("NFD", "하늘")), named) == ["ada"]


def test_names_are_in_a_row_only_where_they_are_known():
    named = row(client("ada", user="Ann", room="a"), NOW, "n1")
    assert (named["user"], named["room"]) == ("Ann", "a")
    assert not {"user", "room"} & set(row(client("bob"), NOW, "n1"))


def test_search_keeps_ids_that_contain_it():
    view = View(search="b")
    rows = select(THREE, view, NOW, "n1")
    assert (rows.matched, [shown["client_id"] for shown in rows.rows]) == (1, ["bob"])


@pytest.mark.parametrize("text", ["BO", "Bob", "bOB"])
def test_search_ignores_case(text):
    assert ids(View(search=text)) == ["bob"]


def test_a_page_is_cut_by_offset_and_limit():
    assert ids(View(offset=1, limit=1)) == ["bob"]
    assert ids(View(offset=5)) == []


def test_a_row_has_specs_keys_and_more():
    ada = client("ada", message_count=250, bytes_sent=51200, bytes_received=25600, last_message_time=990.1234)
    ada.latency_samples.append(12.5)
    assert row(ada, 990.5, "n1") == {
        "client_id": "ada",
        "connected_at": 900.0,
        "message_count": 250,
        "messages_per_second": None,
        "bytes_sent": 51200,
        "bytes_received": 25600,
        "last_message_time": 990.1,
        "average_latency_ms": 12.5,
        "latency_ms": 12.5,
        "p95_latency_ms": 12.5,
        "jitter_ms": None,
        "connection_duration": 90.5,
        "node": "n1",
        "fps": None,
        "frame_time_ms": None,
        "low_fps": None,
        "long_frames": None,
        "hidden": None,
        "states": ["live"],
        "verdict": None,
    }


def judged(client_id, verdict, **evidence):
    return client(client_id, judgement=Judgement(verdict, Sureness.MEDIUM, evidence))


def test_a_verdict_that_is_not_fine_comes_with_its_evidence():
    ada, bob = judged("ada", Verdict.FINE, ping_ms=4.0), judged("bob", Verdict.NETWORK, ping_ms=427.0)
    fine, slow = row(ada, NOW, "n1"), row(bob, NOW, "n1")
    assert fine["verdict"] == "fine"
    assert not {"evidence", "sure"} & set(fine)
    assert (slow["verdict"], slow["evidence"], slow["sure"]) == ("network", {"ping_ms": 427.0}, "medium")


def test_a_view_may_want_one_verdict():
    found = clients(judged("ada", Verdict.FINE), judged("bob", Verdict.NETWORK), client("eve"))
    assert ids(View(verdict="network"), found) == ["bob"]
    assert ids(View(verdict="unknown"), found) == ["eve"]
    assert ids(View(), found) == ["ada", "bob", "eve"]


def test_a_view_may_want_one_state_and_counts_only_clients_in_it():
    low, slow = client("ada", fps=12.0, last_message_time=NOW), client("bob", last_message_time=NOW)
    slow.latency_samples.append(250.0)
    stale = client("eve", connected_at=900.0, last_message_time=910.0)
    found = clients(low, slow, stale)
    assert [ids(View(state=state), found) for state in ("live", "low_fps", "slow", "stale", "idle")] == [
        ["ada", "bob"], ["ada"], ["bob"], ["eve"], [],
    ]  # fmt: skip
    assert select(found, View(state="slow"), NOW, "n1").matched == 1
    assert ids(View(state="live", verdict="network"), found) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"state": "odd"}, "state=odd: must be one of stale, slow, low_fps, noisy, idle, live"),
        ({"state": ""}, "state=: must"),
    ],
)
def test_a_state_that_does_not_exist_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        View(**values)


def test_the_worst_state_and_verdict_come_first_in_descending_order():
    found = clients(
        judged("ada", Verdict.NETWORK), judged("bob", Verdict.SERVER_LOOP), client("eve"), judged("fay", Verdict.FINE)
    )
    found["fay"].last_message_time, found["ada"].last_message_time = NOW, NOW
    assert ids(View(sort="-verdict"), found) == ["bob", "ada", "fay", "eve"]
    assert ids(View(sort="verdict"), found) == ["fay", "ada", "bob", "eve"]
    assert ids(View(sort="-state"), found) == ["bob", "eve", "ada", "fay"]


def test_names_are_sorted_whatever_their_case_and_those_without_come_last():
    found = clients(client("ada", user="émile"), client("bob", user="Zoe"), client("eve"), client("fay", user="anna"))
    assert ids(View(sort="user"), found) == ["fay", "bob", "ada", "eve"]
    assert ids(View(sort="-user"), found) == ["ada", "bob", "fay", "eve"]


def test_rates_and_spreads_are_sorted_by_once_they_are_known():
    found = clients(client("ada", message_count=5), client("bob", message_count=5), client("eve"))
    found["ada"].latency_samples.append(3.0)
    found["bob"].latency_samples.append(8.0)
    standing, by = Standing(), {"p95_latency_ms", "messages_per_second"}
    standing.turn(found, by, StateLimits(), NOW, seq=1)
    found["ada"].message_count += 9
    standing.turn(found, by, StateLimits(), NOW + 2, seq=2)

    def sorted_by(sort):
        return [one["client_id"] for one in select(found, View(sort=sort), NOW + 2, "n1", standing=standing).rows]

    assert sorted_by("-messages_per_second") == ["ada", "bob", "eve"]
    assert sorted_by("p95_latency_ms") == ["ada", "bob", "eve"]
    assert row(found["ada"], NOW + 2, "n1", standing=standing)["messages_per_second"] == 4.5


def test_a_node_of_an_older_release_sends_rows_without_the_newer_keys():
    old = {"client_id": "ada", "verdict": None}
    keys = ("state", "user", "room", "messages_per_second", "verdict")
    assert [value_of_row(key)(old) for key in keys] == [None] * 5
    assert value_of_row("verdict")({"client_id": "ada"}) is None


def test_a_state_of_a_later_release_is_sorted_as_unknown():
    assert value_of_row("state")({"states": ["teleported", "live"]}) is None


def test_a_verdict_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="verdict=slow: must be one of fine, network"):
        View(verdict="slow")


def test_a_view_without_a_verdict_is_what_older_nodes_know():
    assert view_key(View()) == '{"sort":"client_id","search":"","offset":0,"limit":100}'
    assert '"verdict":"hidden"' in view_key(View(verdict="hidden"))


NUMBERS = [
    "message_count", "average_latency_ms", "fps", "connected_at", "connection_duration", "node", "latency_ms",
]  # fmt: skip
views = st.builds(
    View,
    sort=st.sampled_from([*NUMBERS, *(f"-{key}" for key in NUMBERS)]),
    offset=st.integers(0, 6),
    limit=st.integers(1, 6),
)
figures = st.tuples(
    st.integers(0, 3), st.floats(0, 3, width=32), st.none() | st.sampled_from([0.0, 30.0, 60.0]), st.integers(0, 5)
)


def fleet(nodes: list[list[tuple]]) -> list[dict[str, ClientMetrics]]:
    built = []
    for node, rows in enumerate(nodes):
        built.append({})
        for number, (messages, latency, fps, age) in enumerate(rows):
            one = client(f"{node}-{number}", message_count=messages, fps=fps, connected_at=NOW - age)
            one.latency_samples.append(latency)
            built[-1][one.client_id] = one
    return built


def is_unknown(shown: dict, key: str) -> bool:
    """No round trip takes no time."""
    return shown[key] is None or (key == "average_latency_ms" and shown[key] == 0)


@given(st.lists(st.lists(figures, max_size=8), min_size=1, max_size=3), views)
def test_a_page_of_several_nodes_shows_all_their_clients_sorted(nodes, view):
    """Ties may fall either way, so only the sort keys are compared."""
    built = fleet(nodes)
    parts = [select(held, view, NOW, f"n{number}") for number, held in enumerate(built)]
    whole = [row(one, NOW, f"n{number}") for number, held in enumerate(built) for one in held.values()]
    known = [shown for shown in whole if not is_unknown(shown, view.key)]
    known.sort(key=itemgetter(view.key), reverse=view.sort.startswith("-"))
    whole = known + [shown for shown in whole if is_unknown(shown, view.key)]
    expected = [shown[view.key] for shown in whole[view.offset : view.offset + view.limit]]
    shown = page(parts, view)
    assert [one[view.key] for one in shown.rows] == expected
    assert shown.matched == len(whole)


@given(st.lists(st.lists(figures, max_size=8), min_size=1, max_size=3), views)
def test_turning_pages_shows_every_client_once(nodes, view):
    built = fleet(nodes)
    seen = []
    for offset in range(0, 30, view.limit):
        turned = View(sort=view.sort, offset=offset, limit=view.limit)
        parts = [select(held, turned, NOW, f"n{number}") for number, held in enumerate(built)]
        seen += [shown["client_id"] for shown in page(parts, turned).rows]
    assert sorted(seen) == sorted(client_id for held in built for client_id in held)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sort": "shoe_size"}, r"sort=shoe_size: must be one of client_id, .*with or without a leading -"),
        ({"sort": "--fps"}, "sort=--fps"),
        ({"search": "x" * 65}, "search=xxxxx.*…: must be at most 64 characters"),
        ({"search": "a\0"}, "search=a.x00: must be at most 64 characters, none of them NUL"),
        ({"offset": -1}, "offset=-1: must be 0 to"),
        ({"offset": 100_001}, "offset=100001"),
        ({"limit": 0}, "limit=0: must be 1 to 100"),
        ({"limit": 101}, "limit=101"),
    ],
)
def test_a_bad_value_raises_and_says_what_is_allowed(values, message):
    with pytest.raises(ValueError, match=message):
        View(**values)


def test_a_bad_value_in_a_message_raises_too():
    with pytest.raises(ValueError, match="limit=0"):
        msgspec.json.decode(b'{"limit":0}', type=View)


def test_a_lone_node_makes_only_the_rows_of_the_page():
    view = View(sort="client_id", offset=1, limit=1)
    alone = select(THREE, view, NOW, "n1", alone=True)
    assert len(alone.rows) == 1
    assert page([alone], view) == page([select(THREE, view, NOW, "n1")], view)
