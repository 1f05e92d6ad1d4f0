import pytest

from monitoring.core.path_patterns import LONGEST_PATTERN, MOST_PATTERNS, PathPatterns, path_pattern


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/ws/avatar/", "/ws/avatar/"),
        ("/ws/rooms/42/", "/ws/rooms/*/"),
        ("/ws/550e8400-e29b-41d4-a716-446655440000/chat", "/ws/*/chat"),
        ("/ws/550e8400e29b41d4a716446655440000/", "/ws/*/"),
        ("/ws/3f2a9c/", "/ws/*/"),
        ("/ws/deadbeef/", "/ws/deadbeef/"),
        ("/ws/kT9xQ2mLw8RzP4vN6yBc/", "/ws/*/"),
        ("/ws/notifications-of-everybody/", "/ws/notifications-of-everybody/"),
        ("/ws/v2/lobby/", "/ws/v2/lobby/"),
        ("", ""),
        ("/", "/"),
    ],
)
def test_what_differs_from_client_to_client_becomes_a_star(path, pattern):
    assert path_pattern(path) == pattern


def test_a_pattern_is_never_long():
    assert len(path_pattern("/a" * 5_000)) == LONGEST_PATTERN


def test_one_node_tells_fifty_patterns_apart():
    patterns = PathPatterns()
    found = {patterns.of(f"/ws/{'a' * number}/") for number in range(39)}
    found |= {patterns.of(f"/chat/{'a' * number}/") for number in range(39)}
    assert len(found) == MOST_PATTERNS + 1
    assert patterns.of("/ws/a/") == "/ws/a/"
    assert patterns.of("/new/") == "other"
