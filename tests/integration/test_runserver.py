"""`manage.py runserver`, which Django developers start out of habit."""

import re
import urllib.request

import pytest

from tests.site import eventually, receive, running_site


@pytest.mark.parametrize(
    "variables",
    [pytest.param({}, id="as it is"), pytest.param({"DJANGO_DEBUG": "true"}, id="debug", marks=pytest.mark.deployment)],
)
def test_pages_are_live_and_it_says_what_starts_the_whole_site(tmp_path, variables):
    with running_site(tmp_path, **variables) as site:
        site.migrate()
        site.spawn("manage.py", "runserver", str(site.port))
        eventually(lambda: "Quit the server" in site.logs() and site._answers(site.port), seconds=60)
        with site.viewer(site.sign_in()) as viewer, site.avatar("client_id=ada"):
            eventually(lambda: receive(viewer, "metrics")["clients_total"] == 1)
        page = urllib.request.urlopen(f"{site.url}/login/").read().decode()
        style = re.search(r'href="(/static/[^"]+\.css)"', page)
        assert urllib.request.urlopen(site.url + style.group(1)).status == 200
        page = urllib.request.urlopen(f"{site.url}/avatar/").read().decode()
        modules = re.findall(r'(?:src|href)="(/static/[^"]+\.js)"', page)
        assert {urllib.request.urlopen(site.url + module).status for module in modules} == {200}
        assert re.search(r"nothing is stored. The whole site: .*manage.py start_avatar_web_server", site.logs())
