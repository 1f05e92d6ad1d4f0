import pytest

from monitoring.core.idle_losses import IdleLosses

PATH = "/ws/"


@pytest.fixture
def losses():
    return IdleLosses()


@pytest.mark.parametrize("idle", [59.0, 60.0, 62.5, 55.2, 100.4, 239.0, 601.0])
def test_a_forwarded_connection_that_was_idle_as_long_as_known_proxies_wait_was_cut(losses, idle):
    assert losses.is_cut_by_proxy(PATH, idle, 0.0, forwarded=True)


@pytest.mark.parametrize("idle", [0.0, 5.0, 45.0, 70.0, 180.0])
def test_any_other_time_says_nothing(losses, idle):
    assert not losses.is_cut_by_proxy(PATH, idle, 0.0, forwarded=True)


def test_one_loss_of_a_direct_connection_is_not_enough(losses):
    assert not losses.is_cut_by_proxy(PATH, 60.0, 0.0, forwarded=False)


def test_the_same_idle_time_again_and_again_on_a_path_is_a_proxys(losses):
    found = [
        losses.is_cut_by_proxy(PATH, 45.0 + jitter, at, forwarded=False) for at, jitter in ((0, 0), (90, 1), (300, 0.5))
    ]
    assert found == [False, False, True]
    assert not losses.is_cut_by_proxy("/other/", 45.0, 400.0, forwarded=False)


def test_losses_at_one_moment_are_one_event(losses):
    assert not any(losses.is_cut_by_proxy(PATH, 45.0, at / 10, forwarded=False) for at in range(10))


def test_short_silences_are_ordinary(losses):
    assert not any(losses.is_cut_by_proxy(PATH, 10.0, 60.0 * at, forwarded=True) for at in range(10))


def test_only_the_latest_losses_of_a_path_are_kept(losses):
    losses.is_cut_by_proxy(PATH, 45.0, 0.0, forwarded=False)
    losses.is_cut_by_proxy(PATH, 45.0, 60.0, forwarded=False)
    for number in range(10):
        losses.is_cut_by_proxy(PATH, 120.0 + 10 * number, 100.0 + 10 * number, forwarded=False)
    assert not losses.is_cut_by_proxy(PATH, 45.0, 900.0, forwarded=False)
