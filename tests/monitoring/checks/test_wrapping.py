import sys

import pytest

from monitoring.checks import wrapping


@pytest.fixture
def host(settings, tmp_path, monkeypatch):
    """Writes a host's module `routing`, which must never be imported."""
    monkeypatch.syspath_prepend(tmp_path)
    settings.ASGI_APPLICATION = "their_routing.application"

    def write(text: str) -> None:
        (tmp_path / "their_routing.py").write_text(f"raise SystemExit\n{text}")

    return write


def ids() -> list[str]:
    return [message.id for message in wrapping.check_wrapped()]


def test_an_application_that_is_not_wrapped_is_information(host):
    host("application = get_asgi_application()")
    assert ids() == ["avatar_monitoring.I007"]
    host("from avatar_monitoring import monitored\napplication = monitored(get_asgi_application())")
    assert ids() == []
    assert "their_routing" not in sys.modules


@pytest.mark.parametrize("application", [None, "", "nowhere", "no_such_package.asgi.application", "sys.application"])
def test_an_application_that_cannot_be_read_without_importing_it_is_not_judged(settings, application):
    settings.ASGI_APPLICATION = application
    assert ids() == []
