from monitoring.core.causes import Cause
from monitoring.core.departures import CountsByPath
from monitoring.core.stats.breakdowns import Breakdowns, added, check


def taken(counts: CountsByPath, now: float = 0.0) -> Breakdowns:
    found: Breakdowns = {}
    counts.take(found, now)
    return found


def test_departures_are_counted_by_cause_and_path_until_they_are_taken():
    counts = CountsByPath()
    for cause, path in ((Cause.CLIENT_LOST, "/ws/1/"), (Cause.CLIENT_LOST, "/ws/2/"), (Cause.REFUSED, "")):
        counts.departures.count(cause, path)
    assert taken(counts)["departures"] == {"client_lost /ws/*/": 2, "refused other": 1}
    assert "departures" not in taken(counts)


def test_messages_are_counted_by_the_power_of_two_above_their_size():
    counts = CountsByPath()
    sizes = counts.message_sizes.of("/ws/1/")
    for size in (0, 1, 1000, 1023, 1024):
        sizes[size.bit_length()] += 1
    assert counts.message_sizes.of("/ws/2/") is sizes, "one list for each pattern"
    assert taken(counts) == {"message_sizes": {"0 /ws/*/": 1, "1 /ws/*/": 1, "10 /ws/*/": 2, "11 /ws/*/": 1}}
    assert taken(counts) == {}
    sizes[3] += 1
    assert taken(counts) == {"message_sizes": {"3 /ws/*/": 1}}


def test_there_are_never_more_labels_than_a_batch_may_have_however_many_samples_are_merged():
    counts = CountsByPath()
    samples = []
    for bits in range(65):
        for number in range(60):
            counts.message_sizes.of(f"/{'a' * number}/")[bits] += 1
        samples.append(taken(counts))
    merged = added(samples)
    check(merged, 60 * 65)
    assert sum(merged["message_sizes"].values()) == 60 * 65


def test_departures_of_the_last_minute_are_in_each_sample():
    counts = CountsByPath()
    counts.departures.count(Cause.CLIENT_LOST, "/a/")
    counts.departures.count(Cause.CLIENT_LOST, "/b/")
    assert taken(counts, 100.0)["departed_lately"] == {"client_lost": 2}
    counts.departures.count(Cause.REFUSED, "/a/")
    assert taken(counts, 130.0)["departed_lately"] == {"client_lost": 2, "refused": 1}
    assert taken(counts, 159.0) == {"departed_lately": {"client_lost": 2, "refused": 1}}
    assert taken(counts, 160.0) == {"departed_lately": {"refused": 1}}
    assert taken(counts, 190.0) == {}
