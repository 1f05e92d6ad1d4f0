import pytest

from monitoring.core.path_patterns import LONGEST_PATTERN, MOST_PATTERNS, OTHER_PATHS, PathPatterns, path_pattern


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/ws/avatar/", "/ws/avatar/"),
        ("/", "/"),
        ("", ""),
        ("/ws/3f2a9c/", "/ws/*/"),
        ("/ws/deadbeef/", "/ws/deadbeef/"),
        ("/ws/kT9xQ2mLw8RzP4vN6yBc/", "/ws/*/"),
        ("/ws/notifications-of-everybody/", "/ws/notifications-of-everybody/"),
        ("/ws/v2/lobby/", "/ws/v2/lobby/"),
        ("/ws/rooms/17/", "/ws/rooms/*/"),
        ("/ws/rooms/-3.5/", "/ws/rooms/*/"),
        ("/ws/day/2026-11-27/", "/ws/day/*/"),
        ("/ws/3f2504e0-4f89-11d3-9a0c-0305e82c3301/chat", "/ws/*/chat"),
        ("/ws/3f2504e04f8911d39a0c0305e82c3301", "/ws/*"),
        ("/ws/deadbeef42/", "/ws/*/"),
        ("/ws/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9/", "/ws/*/"),
        ("/ws/dQw4w9WgXcQ12/", "/ws/*/"),
        ("/ws/room12/", "/ws/room12/"),
        ("/ws/notifications/", "/ws/notifications/"),
        ("/ws/2026-autumn-room12/", "/ws/2026-autumn-room12/"),
        ("/ws/방/", "/ws/방/"),
        ("/ws/two words/", "/ws/*/"),
        ("/ws/\x00/", "/ws/*/"),
        ("/ws/\ud800/", "/ws/*/"),
        ("/ws/" + "x" * 41, "/ws/*"),
    ],
)
def test_parts_that_differ_from_client_to_client_are_left_out(path, pattern):
    assert path_pattern(path) == pattern


def test_a_pattern_has_no_spaces_and_at_most_200_characters():
    pattern = path_pattern("/some-word" * 100)
    assert (len(pattern), pattern[-1]) == (LONGEST_PATTERN, "*")


def test_only_so_many_paths_are_told_apart():
    paths = PathPatterns(most=2)
    assert [paths.of(f"/{name}/") for name in ("a", "b", "c", "a")] == ["/a/", "/b/", OTHER_PATHS, "/a/"]


def test_one_node_tells_fifty_patterns_apart():
    patterns = PathPatterns()
    found = {patterns.of(f"/ws/{'a' * number}/") for number in range(39)}
    found |= {patterns.of(f"/chat/{'a' * number}/") for number in range(39)}
    assert len(found) == MOST_PATTERNS + 1
    assert patterns.of("/ws/a/") == "/ws/a/"
    assert patterns.of("/new/") == "other"
