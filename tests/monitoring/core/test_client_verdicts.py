from monitoring.core.client_verdicts import BadReading, ClientVerdicts
from monitoring.core.metrics import ClientMetrics
from monitoring.core.stats.sample import Sample
from monitoring.core.verdict import Judged
from monitoring.core.verdicts import Judgement, Verdict

FINE, NETWORK = Judgement(Verdict.FINE), Judgement(Verdict.NETWORK)


def counted(verdicts, clients, seconds=1.0):
    sample = Sample(0.0, seconds)
    verdicts.count_into(sample, clients)
    return sample.breakdowns


def test_each_client_counts_by_its_last_judgement():
    verdicts, ada, bob = ClientVerdicts(), ClientMetrics("ada", 0.0), ClientMetrics("bob", 0.0)
    verdicts.judged(ada, NETWORK)
    verdicts.judged(ada, FINE)
    verdicts.judged(bob, NETWORK)
    assert verdicts.now(2) == {"fine": 1, "network": 1}
    verdicts.left(bob)
    assert verdicts.now(1) == {"fine": 1}


def test_who_was_not_judged_yet_is_unknown():
    verdicts = ClientVerdicts()
    verdicts.judged(ClientMetrics("ada", 0.0), FINE)
    assert verdicts.now(3) == {"fine": 1, "unknown": 2}


def test_a_tick_counts_client_seconds():
    verdicts = ClientVerdicts()
    verdicts.judged(ClientMetrics("ada", 0.0), FINE)
    assert counted(verdicts, 3, seconds=2.0) == {"verdicts": {"fine": 2, "unknown": 4}}


def test_tenths_of_seconds_add_up():
    verdicts = ClientVerdicts()
    verdicts.judged(ClientMetrics("ada", 0.0), FINE)
    found = [counted(verdicts, 1, seconds=0.1) for _ in range(20)]
    assert sum(one["verdicts"]["fine"] for one in found if one) == 2


def test_without_clients_nothing_is_counted():
    assert counted(ClientVerdicts(), 0) == {}


def test_a_slow_round_trip_makes_a_client_suspect_until_it_leaves():
    verdicts = ClientVerdicts()
    verdicts.answered("ada", 99.0)
    verdicts.answered("bob", 100.0)
    assert list(verdicts.suspects) == ["bob"]
    verdicts.look_at(["bob"])
    verdicts.left(ClientMetrics("bob", 0.0))
    assert not verdicts.suspects
    assert not verdicts.looked_at


def test_what_is_known_of_a_client_goes_with_its_name():
    verdicts = ClientVerdicts()
    verdicts.answered("a1b2", 200.0)
    verdicts.bad["a1b2"] = bad = BadReading(Judged(), 1.0)
    verdicts.renamed("a1b2", "ada")
    assert (list(verdicts.suspects), verdicts.bad) == (["ada"], {"ada": bad})
