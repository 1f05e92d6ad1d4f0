import subprocess
import sys

import pytest

SCRIPT = """
import sys
from types import SimpleNamespace
from daphne import server
from avatar_site.front import daphne_http
from avatar_site.front.door import Door, Limits

daphne_http.install(Door(Limits(), None))
daphne = SimpleNamespace(websocket_timeout=int(sys.argv[1]))
server.HTTPFactory(daphne)
print(daphne.websocket_timeout)
"""


@pytest.mark.parametrize(("asked", "allowed"), [(86_400, -1), (-1, -1), (600, 600)])
def test_a_websocket_is_not_closed_after_a_day_unless_somebody_asks_for_less(asked, allowed):
    # daphne installs a reactor, which this process must not have.
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(asked)], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) == allowed
