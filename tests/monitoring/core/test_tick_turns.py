from monitoring.core.tick_turns import CLIENTS_A_TICK, TickTurn, TickTurns


def turns_at(*seqs: int) -> list[TickTurn]:
    turns = TickTurns()
    return [turns.at(seq) for seq in seqs]


def test_ticks_that_follow_one_another_go_on():
    assert turns_at(7, 8, 9) == [TickTurn.AFRESH, TickTurn.NEXT, TickTurn.NEXT]


def test_a_tick_has_one_turn():
    assert turns_at(7, 8, 8, 9) == [TickTurn.AFRESH, TickTurn.NEXT, TickTurn.SAME, TickTurn.NEXT]
    assert turns_at(7, 7) == [TickTurn.AFRESH, TickTurn.SAME]


def test_after_a_pause_it_begins_afresh():
    assert turns_at(7, 9, 10) == [TickTurn.AFRESH, TickTurn.AFRESH, TickTurn.NEXT]


def test_a_tick_computes_a_bounded_number():
    assert CLIENTS_A_TICK <= 1_000
