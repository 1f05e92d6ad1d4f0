import os

from monitoring.core.identity import Identity, distinct_names, forks
from monitoring.core.monitor import PerformanceMonitor
from tests.forks import in_a_fork


def test_it_stays_the_same_in_one_process():
    identity = Identity()
    assert (identity.boot, identity.node) == (identity.boot, f"{identity.host}:{os.getpid()}")
    assert len(identity.boot) == 16


def test_two_identities_in_one_process_differ():
    assert Identity("n1").boot != Identity("n1").boot


def test_a_fork_has_its_own_identity():
    monitor = PerformanceMonitor()
    here = monitor.boot, monitor.node
    boot, node, pid = in_a_fork(lambda: f"{monitor.boot} {monitor.node} {os.getpid()}").split()
    assert boot != here[0]
    assert node == f"{monitor.host}:{pid}"
    assert here == (monitor.boot, monitor.node)


def test_two_forks_of_one_process_have_different_identities():
    identity = Identity("n1")
    assert in_a_fork(lambda: identity.boot) != in_a_fork(lambda: identity.boot)


def test_a_process_knows_that_it_was_forked():
    assert int(in_a_fork(forks)) == forks() + 1


def test_a_unique_label_is_the_name():
    assert distinct_names([("aaaa1", "web:1"), ("bbbb2", "web:2")]) == {"aaaa1": "web:1", "bbbb2": "web:2"}


def test_a_shared_label_is_followed_by_the_beginning_of_the_boot():
    assert distinct_names([("abcd11", "web:1"), ("abce22", "web:1"), ("abcd11", "web:1")]) == {
        "abcd11": "web:1#abcd",
        "abce22": "web:1#abce",
    }


def test_the_beginning_is_as_long_as_necessary():
    assert distinct_names([("abcd11", "web:1"), ("abcd12", "web:1")]) == {
        "abcd11": "web:1#abcd11",
        "abcd12": "web:1#abcd12",
    }
