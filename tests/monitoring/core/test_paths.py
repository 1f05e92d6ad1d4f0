import pytest

from monitoring.core.paths import Paths


@pytest.mark.parametrize(
    ("given", "path", "is_meant"),
    [
        (["/ws/chat/"], "/ws/chat/", True),
        (["/ws/chat/"], "/ws/chat/1/", False),
        (["/ws/chat/*"], "/ws/chat/1/", True),
        (["/ws/chat/*"], "/ws/other/", False),
        (["*"], "/anything/", True),
        ("/ws/chat/", "/ws/", False),
        ("/ws/chat/", "/ws/chat/", True),
        ([], "/ws/chat/", False),
    ],
)
def test_a_path_is_exact_or_begins_so(given, path, is_meant):
    assert (path in Paths(given)) is is_meant


def test_no_paths_are_false():
    assert not Paths()
    assert Paths(["*"])
