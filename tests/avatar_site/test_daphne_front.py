from types import SimpleNamespace

import pytest
from daphne import server

from avatar_site.daphne_front import NEVER, install
from avatar_site.door import Door, Limits
from monitoring.core.link import Guarded


@pytest.mark.parametrize(("asked", "seconds"), [(86_400, NEVER), (3_600, 3_600), (NEVER, NEVER)])
def test_a_websocket_lives_for_longer_than_a_day_unless_somebody_asked_for_less(monkeypatch, asked, seconds):
    monkeypatch.setattr(server, "HTTPFactory", server.HTTPFactory)
    install(Door(Limits(), Guarded))
    daphne = SimpleNamespace(websocket_timeout=asked)
    server.HTTPFactory(daphne)
    assert daphne.websocket_timeout == seconds
