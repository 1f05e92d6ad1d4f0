from monitoring.core.client_spreads import ClientSpreads
from monitoring.core.metrics import ClientMetrics
from monitoring.core.tick_turns import CLIENTS_A_TICK


def fleet(number: int) -> dict[str, ClientMetrics]:
    clients = {name: ClientMetrics(name, 0.0) for name in map(str, range(number))}
    for name, client in clients.items():
        client.latency_samples.append(float(name))
    return clients


def test_all_clients_of_an_ordinary_fleet_are_computed_at_each_tick():
    spreads, clients = ClientSpreads(), fleet(3)
    spreads.turn(clients, seq=1)
    clients["1"].latency_samples.append(9.0)
    spreads.turn(clients, seq=2)
    assert [spreads.p95(client) for client in clients.values()] == [0.0, 9.0, 2.0]
    assert [spreads.jitter(client) for client in clients.values()] == [None, 8.0, None]


def test_of_a_large_fleet_the_slowest_come_first_and_the_others_in_turn():
    spreads, clients = ClientSpreads(), fleet(2 * CLIENTS_A_TICK + 10)
    spreads.turn(clients, seq=1)
    assert spreads.p95(clients[str(CLIENTS_A_TICK + 10)]) == CLIENTS_A_TICK + 10
    assert spreads.p95(clients[str(CLIENTS_A_TICK + 9)]) is None
    spreads.turn(clients, seq=2)
    spreads.turn(clients, seq=2)
    assert spreads.p95(clients["9"]) is None
    spreads.turn(clients, seq=3)
    assert spreads.p95(clients["0"]) == 0.0


def test_who_has_left_is_forgotten_and_so_is_everybody_after_a_pause():
    spreads, clients = ClientSpreads(), fleet(3)
    spreads.turn(clients, seq=1)
    gone = clients.pop("2")
    spreads.turn(clients, seq=2)
    assert spreads.p95(gone) is None
    spreads.turn({}, seq=9)
    assert spreads.p95(clients["1"]) is None
