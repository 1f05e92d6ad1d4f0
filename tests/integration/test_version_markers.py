"""A real site whose code changes between two starts."""

from __future__ import annotations

import json
import signal

from tests.site import Site, eventually, running_site

ASK = """
import json, os
from django.core.management import call_command
call_command("store_history", stdout=open(os.devnull, "w"))
from monitoring.models import Marker, Node
print(json.dumps({
    "markers": [[marker.kind, marker.text] for marker in Marker.objects.order_by("at")],
    "versions": [node.versions for node in Node.objects.order_by("first_seen")],
}))
"""


def stored(site: Site) -> dict:
    return json.loads(site.shell(ASK))


def test_another_release_leaves_a_marker(tmp_path):
    with running_site(tmp_path, AVATAR_RELEASE="shop@1.3") as site:
        site.migrate()
        server = site.daphne()
        eventually(lambda: stored(site)["versions"], seconds=60, every=0.5, what="the first batch")
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        site.environment["AVATAR_RELEASE"] = "shop@1.4"
        site.daphne()
        found = eventually(lambda: found if (found := stored(site))["markers"] else None, seconds=60, every=0.5)
    first, second = found["versions"]
    assert {"python", "django", "channels", "daphne", "autobahn", "twisted", "redis"} <= first.keys()
    assert (first["code"], second["code"]) == ("shop@1.3", "shop@1.4")
    assert found["markers"] == [["version", "code shop@1.3 → shop@1.4"]]
