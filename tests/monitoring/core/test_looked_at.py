from monitoring.core.looked_at import MOST_LOOKED_AT, LookedAt


def test_looking_holds_until_it_is_over():
    looked_at = LookedAt()
    looked_at.look(["ada"], until=10.0)
    looked_at.look(["bob"], until=20.0)
    assert looked_at.at(10.0) == ["ada", "bob"]
    assert looked_at.at(11.0) == ["bob"]
    assert looked_at.at(21.0) == []
    assert not looked_at


def test_looking_again_holds_longer_and_never_shorter():
    looked_at = LookedAt()
    looked_at.look(["ada"], until=10.0)
    looked_at.look(["ada"], until=30.0)
    looked_at.look(["ada"], until=5.0)
    assert looked_at.at(29.0) == ["ada"]


def test_so_many_pages_that_a_tick_would_be_long_are_not_all_kept():
    looked_at = LookedAt()
    looked_at.look([str(number) for number in range(MOST_LOOKED_AT + 1)], until=10.0)
    looked_at.look(["0"], until=20.0)
    assert len(looked_at.at(10.0)) == MOST_LOOKED_AT
    assert looked_at.at(15.0) == ["0"]
