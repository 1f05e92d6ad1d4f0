from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.signals import ClientSignals
from monitoring.core.verdict import NOBODYS_FAULT, Judged, judge
from monitoring.core.verdict_rules import RULES, UNSENT_BYTES, Case, is_calm
from monitoring.core.verdicts import Sureness, Verdict

WELL = {"ping_ms": 12.0, "kernel_rtt_ms": 11.0, "retransmits": 0, "not_read_ms": 0.0, "unsent_bytes": 0}
BAD = {
    Verdict.SERVER_LOOP: {"loop_lag_ms": 300.0},
    Verdict.NOT_READING: {"not_read_ms": 900.0, "unsent_kernel_bytes": 3_800_000, "unsent_bytes": 2_000_000},
    Verdict.SERVER_HANDLER: {"handler_ms": 450.0},
    Verdict.NETWORK: {"ping_ms": 427.0, "kernel_rtt_ms": 410.0},
    Verdict.CLIENT_BUSY: {"fps": 8.0, "frame_time_ms": 125.0, "hidden": False},
}
WORSE = {
    Verdict.SERVER_LOOP: ["loop_lag_ms"],
    Verdict.NOT_READING: ["not_read_ms", "unsent_kernel_bytes", "unsent_bytes"],
    Verdict.SERVER_HANDLER: ["handler_ms", "wait_ms"],
    Verdict.NETWORK: ["ping_ms", "kernel_rtt_ms", "retransmits", "unanswered_ms"],
    Verdict.CLIENT_BUSY: ["frame_time_ms", "slow_frames_percent"],
}


def reading(**values):
    return ClientSignals(**{**WELL, **values})


def judged(*readings, before=None, **known):
    """What a client is judged to be after these readings, one a second."""
    found = before or Judged()
    for second, signals in enumerate(readings):
        found = judge(signals, found, at=float(second), **known)
    return found


def verdict(*readings, **known):
    return judged(*readings, **known).judgement.verdict


# What is found


@pytest.mark.parametrize(("wanted", "values"), BAD.items())
def test_two_bad_readings_make_a_verdict(wanted, values):
    assert verdict(reading(**values), reading(**values)) is wanted


@pytest.mark.parametrize("values", BAD.values(), ids=list(BAD))
def test_one_bad_reading_accuses_nobody(values):
    once = judged(reading(**values))
    assert once.judgement.verdict is Verdict.FINE
    assert once.is_undecided


@pytest.mark.parametrize(("wanted", "values"), BAD.items())
def test_a_verdict_stays_until_four_readings_were_good(wanted, values):
    bad, good = reading(**values), reading(loop_lag_ms=1.0, handler_ms=1.0, frame_time_ms=16.0)
    assert verdict(bad, bad, good, good, good) is wanted
    assert verdict(bad, good, bad, good, good, good, bad, good, good, good) is wanted
    assert verdict(bad, bad, good, good, good, good) is Verdict.FINE


def test_a_client_about_which_nothing_is_known_is_not_fine():
    assert judged(ClientSignals()).judgement == msgspec.structs.replace(Judged().judgement, verdict=Verdict.UNKNOWN)


def test_a_server_that_is_well_says_nothing_of_a_client():
    assert verdict(ClientSignals(loop_lag_ms=1.0, handler_ms=2.0, unsent_bytes=0)) is Verdict.UNKNOWN


def test_a_hidden_tab_needs_no_second_reading():
    assert verdict(reading(hidden=True)) is Verdict.HIDDEN


def test_fine_is_surer_the_more_was_measured():
    assert judged(reading()).judgement.sure is Sureness.HIGH
    assert judged(ClientSignals(kernel_rtt_ms=3.0)).judgement.sure is Sureness.MEDIUM
    assert judged(ClientSignals(fps=60.0, frame_time_ms=16.7)).judgement.sure is Sureness.LOW


# What looks alike


def slow(**more):
    return reading(ping_ms=900.0, **more)


def test_a_blocked_loop_explains_slow_pings_and_slow_handlers():
    blocked = slow(loop_lag_ms=800.0, handler_ms=850.0)
    assert verdict(blocked, blocked) is Verdict.SERVER_LOOP


def test_what_a_client_does_not_read_explains_its_slow_pings_and_a_consumer_that_waits_to_send():
    full = slow(not_read_ms=900.0, unsent_bytes=2_000_000, handler_ms=4_000.0)
    assert verdict(full, full) is Verdict.NOT_READING


def test_a_slow_handler_explains_the_pongs_that_wait_behind_it():
    busy = slow(handler_ms=850.0, pauses=3)
    assert verdict(busy, busy) is Verdict.SERVER_HANDLER


def test_a_handler_that_only_waited_for_the_loop_is_not_slow():
    waited = reading(loop_lag_ms=95.0, handler_ms=120.0)
    assert verdict(waited, waited) is Verdict.FINE


def test_bytes_that_wait_here_while_the_peer_reads_are_the_networks():
    congested = slow(unsent_bytes=UNSENT_BYTES, kernel_rtt_ms=700.0, retransmits=9)
    found = judged(congested, congested).judgement
    assert (found.verdict, found.sure) == (Verdict.NETWORK, Sureness.HIGH)


def test_without_the_kernels_word_bytes_that_wait_here_are_not_read_for_all_that_is_known():
    waiting = ClientSignals(unsent_bytes=UNSENT_BYTES, ping_ms=5.0)
    found = judged(waiting, waiting).judgement
    assert (found.verdict, found.sure) == (Verdict.NOT_READING, Sureness.LOW)


def test_a_hidden_tab_is_not_busy_even_if_it_was_a_moment_ago():
    bad = reading(**BAD[Verdict.CLIENT_BUSY])
    assert verdict(bad, bad, reading(hidden=True)) is Verdict.HIDDEN


def test_a_slow_network_of_a_hidden_tab_is_still_slow():
    assert verdict(slow(hidden=True), slow(hidden=True)) is Verdict.NETWORK


def test_behind_a_proxy_the_kernels_short_way_is_no_excuse_but_less_sure():
    beyond = ClientSignals(ping_ms=427.0, kernel_rtt_ms=0.2)
    found = judged(beyond, beyond).judgement
    assert (found.verdict, found.sure) == (Verdict.NETWORK, Sureness.LOW)


def test_a_program_that_draws_slowly_and_answers_in_its_main_loop_is_busy():
    busy = reading(ping_ms=427.0, frame_time_ms=400.0, hidden=False)
    assert verdict(busy, busy) is Verdict.CLIENT_BUSY


def test_a_slow_display_is_not_a_busy_page():
    images = {"frame_time_ms": 60.0, "refresh_hz": 24.0, "hidden": False}
    assert verdict(reading(**images), reading(**images)) is Verdict.FINE


def test_a_pong_that_never_comes_is_the_networks():
    lost = reading(unanswered_ms=4_000.0)
    assert verdict(lost, lost, old=["ping_ms"]) is Verdict.NETWORK


def test_a_ping_that_was_late_by_the_loops_lag_is_not_slow():
    late = reading(ping_ms=120.0, loop_lag_ms=90.0)
    assert verdict(late, late) is Verdict.FINE


# The same measurement again


def test_the_same_pong_does_not_accuse_twice():
    late = ClientSignals(ping_ms=900.0)
    once = judge(late)
    assert judge(late, once, at=1.0, old=["ping_ms"]).judgement.verdict is Verdict.FINE
    assert judge(late, once, at=1.0).judgement.verdict is Verdict.NETWORK


def test_a_client_that_falls_silent_is_not_accused_of_its_last_messages_for_ever():
    bad = reading(**BAD[Verdict.SERVER_HANDLER])
    found = judged(bad, bad)
    assert judge(reading(), found, at=10.0).judgement.verdict is Verdict.SERVER_HANDLER
    assert judge(reading(), found, at=17.0).judgement.verdict is Verdict.FINE


def test_the_evidence_is_that_of_the_last_bad_reading():
    bad = reading(**BAD[Verdict.NETWORK])
    assert judged(bad, bad, reading()).judgement.evidence["ping_ms"] == 427.0


def test_what_is_slow_is_the_sites_own_decision():
    assert verdict(reading(ping_ms=50.0), reading(ping_ms=50.0), slow_ms=40.0) is Verdict.NETWORK


# Whatever is measured

times = st.none() | st.floats(0, 5_000)
counts = st.none() | st.integers(0, 4_000_000)
shares = st.none() | st.floats(0, 100)
KINDS = {
    "retransmits": st.none() | st.integers(0, 50),
    "unsent_kernel_bytes": counts,
    "unsent_bytes": counts,
    "pauses": st.none() | st.integers(0, 9),
    "refused_messages": st.none() | st.integers(0, 9),
    "fps": st.none() | st.floats(0, 240),
    "slow_frames_percent": shares,
    "hidden": st.none() | st.booleans(),
    "refresh_hz": st.none() | st.floats(1, 240),
}
anything = st.builds(ClientSignals, **{name: KINDS.get(name, times) for name in ClientSignals.__struct_fields__})


@given(st.lists(anything, min_size=1, max_size=6), st.data())
def test_making_a_verdicts_own_signal_worse_never_turns_it_to_fine(readings, data):
    found = verdict(*readings)
    if found in NOBODYS_FAULT:
        return
    name = data.draw(st.sampled_from(WORSE[found]))
    more = data.draw(st.integers(1, 1_000))
    for signals in readings:
        value = getattr(signals, name)
        setattr(signals, name, None if value is None else value + more)
    assert verdict(*readings) not in NOBODYS_FAULT


@given(st.lists(anything, min_size=1, max_size=6))
def test_every_verdict_but_unknown_names_known_signals_as_evidence(readings):
    found = judged(*readings).judgement
    assert bool(found.evidence) == (found.verdict is not Verdict.UNKNOWN)
    assert set(found.evidence) <= set(ClientSignals.__struct_fields__)
    for rule in RULES:
        if rule.verdict is found.verdict:
            assert set(found.evidence) <= set(rule.evidence)


@given(anything)
def test_no_rule_finds_anything_in_a_calm_reading(signals):
    if is_calm(signals):
        assert not any(rule.observe(Case(signals)) for rule in RULES)


@given(st.lists(anything, min_size=1, max_size=3))
def test_nothing_accuses_without_two_readings(readings):
    if len(readings) == 1:
        assert verdict(*readings) in NOBODYS_FAULT


def test_every_verdict_can_be_reached():
    reached = {verdict(reading(**values), reading(**values)) for values in BAD.values()}
    reached |= {verdict(reading()), verdict(reading(hidden=True)), verdict(ClientSignals())}
    assert reached == set(Verdict)
