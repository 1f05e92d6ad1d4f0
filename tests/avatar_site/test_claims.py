from hypothesis import given
from hypothesis import strategies as st

from avatar_site.claims import Claim


def test_the_last_connection_of_one_holder_keeps_the_name():
    assert Claim("ada's", 2, 10.0, "n1").beats(Claim("ada's", 1, 10.0, "n2"))


def test_of_one_holders_two_simultaneous_connections_one_keeps_the_name():
    assert Claim("ada's", 2, 10.0, "n2").beats(Claim("ada's", 2, 10.0, "n1"))


def test_the_first_of_two_holders_keeps_the_name():
    assert Claim("ada's", 1, 10.0, "n1").beats(Claim("eve's", 9, 10.5, "n2"))


claims = st.builds(Claim, st.sampled_from("ab"), st.integers(1, 3), st.sampled_from([1.0, 2.0]), st.sampled_from("xyz"))


@given(claims, claims)
def test_every_node_comes_to_the_same_answer(one, other):
    if (one.holder, one.turn, one.node) != (other.holder, other.turn, other.node):
        assert one.beats(other) != other.beats(one)
