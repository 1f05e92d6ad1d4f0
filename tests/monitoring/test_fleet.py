import pytest

from monitoring.fleet import Fold, Source, buckets
from monitoring.models import Minute
from tests.monitoring.batches import MINUTE, gauge, minute

pytestmark = pytest.mark.django_db
CLIENTS = Source("connections", "node", Fold.TOTAL)
CPU = Source("cpu_percent", "host", Fold.MEAN)
NETWORK = Source("network_sent_rate", "host", Fold.TOTAL)
LATENCY = Source("latency_ms", "node", Fold.POOLED)
MESSAGES = Source("messages", "node", Fold.TOTAL, is_counter=True)


def only(source: Source, width: int = 60):
    [bucket] = buckets(Minute.objects.all(), source, width)
    return bucket


def test_clients_are_added_over_nodes():
    minute(connections=gauge(10, 20))
    minute(connections=gauge(1, 3), node="web:2")
    assert (only(CLIENTS).average, only(CLIENTS).low, only(CLIENTS).high) == (17, 11, 23)


def test_a_node_and_its_successor_within_a_minute_are_one():
    minute(seconds=25, connections=10)
    minute(seconds=35, connections=10, node="web:2")
    assert (only(CLIENTS).average, only(CLIENTS).high) == (10, 10)


def test_a_node_and_its_successor_within_a_bucket_are_one():
    minute(connections=10)
    minute(MINUTE + 60, connections=10, node="web:2")
    assert (only(CLIENTS, 600).average, only(CLIENTS, 600).high) == (10, 10)


def test_cpu_is_averaged_per_host_first():
    minute(cpu_percent=90)
    minute(cpu_percent=90, node="web:2")
    minute(cpu_percent=10, node="db:1", host="db")
    assert (only(CPU).average, only(CPU).low, only(CPU).high) == (50, 10, 90)


def test_network_is_added_over_hosts_but_not_over_their_nodes():
    minute(network_sent_rate=2)
    minute(network_sent_rate=2, node="web:2")
    minute(network_sent_rate=1, node="db:1", host="db")
    assert only(NETWORK).average == 3


def test_latency_counts_each_reading_once():
    minute(latency_ms=gauge(10, 10, 10))
    minute(latency_ms=50, node="web:2")
    assert (only(LATENCY).average, only(LATENCY).low, only(LATENCY).high) == (20, 10, 50)


def test_messages_are_per_second_measured():
    minute(messages=120)
    minute(MINUTE + 60, seconds=30, messages=30)
    assert (only(MESSAGES, 600).average, only(MESSAGES, 600).low, only(MESSAGES, 600).high) == (150 / 90, 1, 2)


def test_what_was_not_read_is_unknown_while_the_minute_counts_as_measured():
    minute()
    assert (only(CPU).average, only(CPU).low, only(CPU).measured) == (None, None, 60)


def test_a_node_that_could_not_read_does_not_lower_the_others():
    minute(cpu_percent=40)
    minute(node="db:1", host="db")
    assert only(CPU).average == 40


def test_a_minute_without_a_measured_second_divides_nothing():
    minute(seconds=0, messages=5, connections=3)
    assert (only(MESSAGES).average, only(CLIENTS).average, only(LATENCY).average) == (None, None, None)


def test_buckets_begin_at_whole_multiples_of_their_width():
    for index in range(4):
        minute(MINUTE + 60 + index * 60, connections=index)
    assert [(bucket.start - MINUTE, bucket.average) for bucket in buckets(Minute.objects.all(), CLIENTS, 120)] == [
        (0, 0),
        (120, 1.5),
        (240, 3),
    ]
