"""The pages in another project, with its own users, languages and the strictest policy, in a real browser.

Where the connection fails, the page says why, and what to change.
"""

from __future__ import annotations

import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import SHUT_RDWR, create_connection, socket

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import SCREENS, accessibility_faults, complaints
from tests.site import Site, free_port

pytestmark = pytest.mark.e2e

ASGI = "tests.integration.people.asgi"
PASSWORD = "a password of theirs"
LIVE = "/ops/monitoring/"
PREPARE = """
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
get_user_model().objects.create_superuser("ann@example.org", is_superuser=True)
"""
WSGI_SERVER = """
import sys
from wsgiref.simple_server import make_server
from tests.integration.people.asgi import wsgi
make_server("127.0.0.1", int(sys.argv[1]), wsgi).serve_forever()
"""


@contextmanager
def project(directory: Path, **variables: str) -> Iterator[Site]:
    site = Site(
        directory,
        PEOPLE_DIRECTORY=str(directory),
        **{"DJANGO_SETTINGS_MODULE": "tests.integration.people.settings"} | variables,
    )
    try:
        subprocess.run([sys.executable, "-c", PREPARE], cwd=site.root, env=site.environment, check=True, timeout=120)
        yield site
    finally:
        site.end()


@pytest.fixture
def directory(tmp_path):
    return tmp_path


def sign_in(page: Page, url: str) -> None:
    page.goto(url)
    page.fill("[name=username]", "ann@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url(url)


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Served by daphne below a prefix, with `monitored`, and without Redis."""
    with project(tmp_path_factory.mktemp("people")) as site:
        site.server("-m", "daphne", "-p", str(site.port), "--root-path", "/app", f"{ASGI}:application")
        yield site


@SCREENS
def test_every_page_works_below_a_prefix_under_the_strictest_policy(watched, browser, screens):
    for width, scheme in screens:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        sign_in(page, f"{watched.url}/app{LIVE}")
        # The admin's page has no icon, so browsers ask in vain for one.
        errors = complaints(page)
        asked = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.reload()
        expect(page.locator("#connection-text")).to_have_text("Live")
        expect(page.locator("[data-card=connections]")).to_contain_text("0")
        expect(page.locator("#live-only")).to_contain_text("no history is kept")
        expect(page.locator("#scripts-missing")).to_have_count(0)
        for path in ("", "clients/", "clients/ann/", "alerts/", "trends/", "api/docs"):
            page.goto(f"{watched.url}/app{LIVE}{path}")
            page.wait_for_load_state("networkidle") if "api" in path else expect(page.locator("main")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert accessibility_faults(page) == [], path
        assert errors == []
        ours = (f"{watched.url}/app{LIVE}", f"{watched.url}/their-files/avatar_monitoring/", "data:")
        assert [url for url in asked if not url.startswith(ours)] == []
        page.click("form.account button")
        expect(page.locator("h1")).to_have_text("You are signed out")
        context.close()


@contextmanager
def signed_in_page(browser, site: Site) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    sign_in(page, site.url + LIVE)
    yield page
    page.context.close()


@pytest.mark.deployment
def test_a_forgotten_wrapper_is_told_with_the_lines_to_add(directory, browser):
    with project(directory) as site:
        site.server("-m", "daphne", "-p", str(site.port), f"{ASGI}:forgotten")
        with signed_in_page(browser, site) as page:
            expect(page.locator("#unwrapped")).to_contain_text("application = monitored(application)")
            expect(page.locator("#banner-text")).to_contain_text("is not wrapped in monitored")
            expect(page.locator("#connection-text")).not_to_have_text("Live")


@pytest.mark.deployment
def test_pages_of_a_wsgi_server_name_the_route_to_the_asgi_server(directory, browser):
    with project(directory) as site:
        site.server("-c", WSGI_SERVER, str(site.port))
        with signed_in_page(browser, site) as page:
            expect(page.locator("#banner-text")).to_contain_text(f"route {LIVE}ws/metrics/ to the ASGI server")
            expect(page.locator("#unwrapped")).to_have_count(0)


@pytest.mark.deployment
def test_a_proxy_that_passes_no_upgrade_on_is_named_and_so_is_a_server_that_is_away(directory, browser):
    with project(directory) as site:
        server = site.server("-m", "daphne", "-p", str(site.port), f"{ASGI}:application")
        behind = site.port
        with proxy_without_upgrade(behind) as port:
            site.url = f"http://127.0.0.1:{port}"
            with signed_in_page(browser, site) as page:
                expect(page.locator("#banner-text")).to_contain_text("does not pass on the headers Upgrade")
                server.terminate()
                server.wait(20)
                expect(page.locator("#banner-text")).to_contain_text("The server does not answer")


@pytest.mark.deployment
def test_without_its_static_files_the_page_says_what_to_run(directory, browser):
    with project(directory, PEOPLE_STATIC="missing") as site:
        site.server("-m", "daphne", "-p", str(site.port), f"{ASGI}:application")
        with signed_in_page(browser, site) as page:
            expect(page.locator("#scripts-missing")).to_be_visible()
            expect(page.locator("#scripts-missing")).to_contain_text("python manage.py collectstatic")


@pytest.mark.deployment
def test_a_missing_chart_library_is_told_too(watched, browser):
    page = browser.new_context().new_page()
    sign_in(page, f"{watched.url}/app{LIVE}")
    page.route(re.compile("uPlot"), lambda route: route.fulfill(status=404))
    page.reload()
    expect(page.locator("[role=alert]:visible")).to_contain_text("run manage.py collectstatic", timeout=30_000)
    page.context.close()


class WithoutUpgrade(socketserver.BaseRequestHandler):
    """Passes bytes on, but for the header that asks for a WebSocket."""

    server: Proxy

    def handle(self) -> None:
        try:
            with create_connection(("127.0.0.1", self.server.behind)) as behind:
                back = threading.Thread(target=passed_on, args=(behind, self.request), daemon=True)
                back.start()
                passed_on(self.request, behind, lambda data: data.replace(b"Upgrade: websocket\r\n", b""))
                back.join(20)
        except OSError:
            return  # Nobody answers behind the proxy.


class Proxy(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, port: int, behind: int) -> None:
        super().__init__(("127.0.0.1", port), WithoutUpgrade)
        self.behind = behind


def passed_on(source: socket, target: socket, changed=lambda data: data) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(changed(data))
    except OSError:
        pass
    finally:
        for one in (source, target):
            try:
                one.shutdown(SHUT_RDWR)
            except OSError:
                continue


@contextmanager
def proxy_without_upgrade(behind: int) -> Iterator[int]:
    proxy = Proxy(free_port(), behind)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    yield proxy.server_address[1]
    proxy.shutdown()
    proxy.server_close()
