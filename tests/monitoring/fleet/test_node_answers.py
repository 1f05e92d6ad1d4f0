from monitoring.fleet.node_answers import (
    Closed,
    closed_in,
    disconnecting,
    so_far_in,
    totals,
)


async def test_a_node_disconnects_its_own_clients_and_says_which():
    asked = []

    async def disconnect(client_id: str) -> bool | None:
        asked.append(client_id)
        return {"ann": True, "ben": None, "cat": False}[client_id]

    answer = await disconnecting("web:1", disconnect)(
        [
            {"client_id": "ann", "node": "web:1"},
            {"client_id": "ann", "node": "web:2"},
            {"client_id": "ben", "node": ""},
            {"client_id": "cat"},
        ]
    )
    assert closed_in(answer) == [Closed(0, True), Closed(3, False)]
    assert asked == ["ann", "ben", "cat"]
    assert closed_in(None) == []


async def test_a_node_tells_the_totals_so_far_of_sessions_that_are_open_here(monitor, clock):
    collector = monitor.collector
    for client in ("ann", "ben"):
        collector.track_client_connection(client)
    collector.track_client_message("ann", bytes_recv=5)
    collector.track_client_latency("ann", 20.0)
    sessions = {record.client_id: record.session_id for record in collector.sessions.take()}
    clock.advance(7)
    answer = totals(monitor)
    said = so_far_in(await answer({monitor.boot: {sessions["ann"]: "ann", "gone": "gone"}, "other": {"s": "x"}}))
    (record,) = said.sessions
    assert (said.boot, said.at) == (monitor.boot, clock.now)
    assert (record.client_id, record.messages, record.bytes_received) == ("ann", 1, 5)
    assert (record.latency_average_ms, record.disconnected_at) == (20.0, None)
    assert record.latency_sketch
    assert await answer({"other": {"s": "x"}}) is None
    assert so_far_in(None) is None


async def test_a_client_that_was_renamed_since_is_found_by_its_session(monitor):
    collector = monitor.collector
    collector.track_client_connection("ann")
    session = collector.sessions.take()[0].session_id
    client = collector.client_metrics.pop("ann")
    collector.sessions.renamed(client, "anna")
    client.client_id = "anna"
    collector.client_metrics["anna"] = client
    said = so_far_in(await totals(monitor)({monitor.boot: {session: "ann"}}))
    assert [record.client_id for record in said.sessions] == ["anna"]
