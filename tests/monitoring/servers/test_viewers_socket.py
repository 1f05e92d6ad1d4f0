import pytest
from django.test import AsyncRequestFactory, RequestFactory

from monitoring.servers import viewers_socket
from monitoring.servers.viewers_socket import PASSED_KEY, consumer, is_viewer, passed_through, path_info

HERE = "tests.monitoring.servers"


@pytest.mark.parametrize(
    ("urls", "path", "root_path", "is_viewers"),
    [
        ("urls_mounted", "/ops/live/ws/metrics/", "", True),
        ("urls_mounted", "/ws/metrics/", "", False),
        ("urls_mounted", "/app/ops/live/ws/metrics/", "/app", True),
        ("urls_mounted", "/ops/live/ws/metrics/", "/app", True),
        ("urls_mounted", "/app/ops/live/ws/metrics/", "", False),
        ("urls_mounted", "/ops/live/ws/metrics", "", False),
        ("urls_elsewhere", "/ws/metrics/", "", False),
        ("urls_in_two_languages", "/ops/ws/metrics/", "", True),
        ("urls_in_two_languages", "/ko/ops/ws/metrics/", "", True),
        ("urls_in_two_languages", "/app/ko/ops/ws/metrics/", "/app", True),
        ("urls_in_two_languages", "/xx/ops/ws/metrics/", "", False),
        ("nowhere_at_all", "/ws/metrics/", "", False),
    ],
)
def test_it_is_where_the_project_mounts_the_pages(settings, urls, path, root_path, is_viewers):
    settings.ROOT_URLCONF = f"{HERE}.{urls}"
    settings.LANGUAGES = [("en", "English"), ("ko", "Korean")]
    assert is_viewer({"path": path, "root_path": root_path}) is is_viewers


def test_a_forced_script_name_is_not_part_of_it(settings):
    settings.ROOT_URLCONF = f"{HERE}.urls_mounted"
    settings.FORCE_SCRIPT_NAME = "/forced"
    assert is_viewer({"path": "/forced/ops/live/ws/metrics/"})


def test_only_paths_that_end_so_are_looked_up(monkeypatch):
    monkeypatch.setattr(viewers_socket, "resolve", None)
    assert not is_viewer({"path": "/ws/chat/"})


def test_a_project_without_urls_has_none(settings):
    del settings.ROOT_URLCONF
    assert not is_viewer({"path": "/ws/metrics/"})


def test_the_consumer_is_the_one_that_an_installed_app_names():
    assert consumer().consumer_class.__name__ == "MetricsConsumer"


@pytest.mark.parametrize(("extra", "passed"), [({PASSED_KEY: True}, True), ({}, False)])
def test_a_request_knows_whether_it_came_through_monitored(extra, passed):
    request = AsyncRequestFactory().get("/")
    request.scope |= extra
    assert passed_through(request) is passed


def test_under_wsgi_nobody_knows():
    assert passed_through(RequestFactory().get("/")) is None


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ({"path": "/ws/"}, "/ws/"),
        ({"path": "/app/ws/", "root_path": "/app"}, "/ws/"),
        ({"path": "/ws/", "root_path": "/app"}, "/ws/"),
        ({"path": "/ws/", "root_path": ""}, "/ws/"),
        ({}, ""),
    ],
)
def test_the_servers_root_path_is_not_part_of_a_path(scope, path):
    assert path_info(scope) == path
