"""Extreme values in an address, a form or a cookie: none of them causes an error in the site."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from itertools import product
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import Resolver404, resolve

from monitoring import access
from monitoring.api.endpoints import api
from monitoring.models import Alert, Marker
from monitoring.storage.roll_up import roll_up
from monitoring.storage.rows import store
from tests.integration.addresses import addresses, filled, has_parts
from tests.monitoring.batches import alert, arrived, batch, gauge, minute, session
from tests.monitoring.conftest import redis, redis_url, valkey  # noqa: F401

pytestmark = pytest.mark.django_db

TIMES = (
    "0001-01-01", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z", "1970-01-01", "2999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+14:00", "-999999999999999999d", "-730000d", "now",
)  # fmt: skip
ENDS = ("0001-01-01T00:00:00+14:00", "1970-01-01", "9999-12-31T23:59:59-14:00", "-730000d", "now")
NUMBERS = (
    "0", "-1", "1", "2147483648", "9223372036854775808", "9" * 5_000, "1e400", "1e15", "253402300800", "NaN",
    "-inf", "٣",
)  # fmt: skip
TEXTS = ("", "\0", "a" * 10_000, "a " * 5_000, "😀", "\u202eRTL", "[", "{0}", "\r\nX: y", "..")
VALUES = (*TIMES, *NUMBERS, *TEXTS)
SOME = ("\0", "9" * 30, "9999-12-31T23:59:59-14:00", "[")
"""One of each kind: a text, a number, a time and a pattern."""

FEW = ("\0", "9" * 30, "[", "9999", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "a " * 5_000)
"""For the admin, whose pages take their time; the first three where some are enough."""

AS_THEY_STAND = ("%ed%a0%80", "%c0%80", "%zz")
"""In the address itself: what is no UTF-8, and half of an escape."""

NOTHING_RUNS = ("/api/clients", "/api/current", "/api/groups")
"""These answer 503 in a process that serves no WebSockets, once the question is found to be one."""


class Names(QueryDict):
    """A query string or a form that remembers which names were read."""

    asked: set[str] = set()

    def __contains__(self, name):
        self.asked.add(name)
        return super().__contains__(name)

    def __getitem__(self, name):
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)

    def getlist(self, name, default=None):
        self.asked.add(name)
        return super().getlist(name, default)


@pytest.fixture(autouse=True)
def unhindered(settings, redis, monkeypatch) -> None:  # noqa: F811
    """Callers without a rate limit, and static files that nobody has collected."""
    storages = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STORAGES = {**settings.STORAGES, **storages}
    monkeypatch.setattr(access.limiter, "check", lambda _: None)


@pytest.fixture(scope="module", autouse=True)
def everything(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A row of each kind, two hours old."""
    with django_db_blocker.unblock(), transaction.atomic():
        store_one_of_each()
        yield
        transaction.set_rollback(True)


def store_one_of_each() -> None:
    start = int(time.time() - 7_200) // 60 * 60
    minute(start, messages=50, connections=gauge(3, 5), cpu_percent=42.5)
    roll_up()
    opened = session()
    opened.connected_at = start
    store(arrived(batch(sessions=[opened], alerts=[alert("firing", start)]), at=start))
    Marker.objects.create(text="release")


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


def ask(client: Client, path: str, query: str = "") -> int:
    """The status of an answer that is not an error; the client raises an error."""
    response = client.get(path, QUERY_STRING=query)
    if response.streaming:
        b"".join(response.streaming_content)
    elsewhere = response.status_code == 503 and path in NOTHING_RUNS
    assert response.status_code < 500 or elsewhere, f"{path}?{query[:80]}: {response.content[:500]!r}"
    return response.status_code


def names_of(client: Client, path: str, monkeypatch) -> set[str]:
    """The names that an address reads: those in its view, and those in its model or schema."""
    monkeypatch.setattr(Names, "asked", set())
    with monkeypatch.context() as patched:
        patched.setattr(WSGIRequest, "GET", property(lambda self: Names(self.META.get("QUERY_STRING", ""))))
        ask(client, path)
        ask(client, path, urlencode({"from": "1700000000", "to": "1700000060", "at": "1700000000"}))
    described = described_addresses().get(path, {}).get("get", {}).get("parameters", [])
    return Names.asked | {one["name"] for one in described}


@cache
def described_addresses() -> dict[str, dict]:
    """Of the API; gathering them takes a third of a second."""
    return api.get_openapi_schema()["paths"]


def list_of(path: str):
    """The ModelAdmin of this list, None for any other address."""
    lists = {f"/admin/{one.opts.app_label}/{one.opts.model_name}/": one for one in admin.site._registry.values()}
    return lists.get(path)


ADDRESSES = addresses()
SAMPLE = pytest.mark.parametrize(
    "values", [pytest.param(SOME, id="some"), pytest.param(VALUES, id="all", marks=pytest.mark.deployment)]
)


def test_the_tested_addresses_are_those_of_the_site():
    assert {"/", "/trends/export/", "/api/series", "/admin/avatar_monitoring/minute/", "/live/past/moment/"} <= set(
        ADDRESSES
    )


@SAMPLE
@pytest.mark.parametrize("address", [one for one in ADDRESSES if has_parts(one)])
def test_no_part_of_a_path_is_a_fault(operator, address, values):
    for value in FEW[:3] if address.startswith("/admin/") else values:
        ask(operator, quote(filled(address, value)))
    for value in AS_THEY_STAND:
        ask(operator, filled(address, value))


def sampled(address: str):
    """Of the admin only the lists, whose parameters are read by code of ours, are in the sample."""
    is_in_sample = list_of(address) or not address.startswith("/admin/")
    return address if is_in_sample else pytest.param(address, marks=pytest.mark.deployment)


@SAMPLE
@pytest.mark.parametrize("address", [sampled(filled(one, "1")) for one in ADDRESSES if "logout" not in one])
def test_no_parameter_is_a_fault(operator, address, values, monkeypatch):
    try:
        resolve(address)
    except Resolver404:
        return
    in_admin = address.startswith("/admin/")
    if in_admin:
        few = FEW if values is VALUES else FEW[:3]
        values = few if list_of(address) else FEW[:1]
    for name in sorted(names_of(operator, address, monkeypatch)):
        for value in values:
            ask(operator, address, urlencode({name: value}))
        as_they_stand = () if in_admin else (f"{name}={value}" for value in AS_THEY_STAND)
        for query in (*as_they_stand, f"{name}=1&{name}=2", f"{name}[]=1"):
            ask(operator, address, query)


@pytest.mark.parametrize(
    "times", [pytest.param(ENDS, id="some"), pytest.param(TIMES, id="all", marks=pytest.mark.deployment)]
)
@pytest.mark.parametrize("path", ["/api/series", "/api/alerts", "/api/sessions", "/trends/", "/trends/export/"])
def test_no_range_is_a_fault(operator, path, times):
    more = {"/api/series": {"metric": "cpu_percent"}, "/trends/": {"compare": "previous"}}.get(path, {})
    for start, end in product(times, repeat=2):
        ask(operator, path, urlencode({"from": start, "to": end, **more}))


def test_no_range_of_the_past_causes_an_error(operator):
    for start, end in product((*NUMBERS, str(time.time())), repeat=2):
        ask(operator, "/live/past/", urlencode({"from": start, "to": end}))


@pytest.mark.parametrize("path", [one for one in ADDRESSES if list_of(one)])
def test_no_field_of_the_admin_causes_an_error(operator, path):
    owner = list_of(path)
    one_of_each_kind = {type(field): field.name for field in owner.model._meta.get_fields()}.values()
    lookups = (
        ("", "\0"),
        ("", "9" * 30),
        ("__in", "9" * 30),
        ("__regex", "["),
        ("__year", "9" * 30),
        ("__isnull", "["),
    )
    for name, (lookup, value) in product(one_of_each_kind, lookups):
        ask(operator, path, urlencode({f"{name}{lookup}": value}))
    if owner.date_hierarchy:
        for part, value in product(("year", "month", "day", "gte", "lt"), (*FEW, "1", "12", "1970", "2999")):
            ask(operator, path, urlencode({f"{owner.date_hierarchy}__{part}": value}))


@pytest.mark.parametrize("path", ["/login/", "/admin/login/", *(one for one in ADDRESSES if list_of(one))])
def test_no_form_causes_an_error(operator, path):
    for value in FEW:
        for form in (
            {"username": value, "password": value},
            {"action": "export_csv", "_selected_action": value, "index": value},
        ):
            assert operator.post(path, form).status_code < 500


def test_no_cookie_causes_an_error(client):
    for value in ('"aaaaaaaaaaaaaaaa\\000"', "a" * 4_000, "%00", '"\\377\\376"', ""):
        for name in ("sessionid", "csrftoken", "messages"):
            client.cookies.load(f"{name}={value}")
            assert client.get("/").status_code < 500
            client.cookies.clear()


def test_a_refusal_names_the_parameter_its_value_and_what_is_allowed(operator):
    for path, query, said in (
        ("/trends/", "from=0001-01-01&to=now", "from=0001-01-01: must be now, a time ago"),
        ("/api/series", "metric=fps&to=9999-12-31T23:59:59%2B14:00", "in the years 1970 to 2999"),
        ("/clients/a%00b/", "", "client_id=a\\x00b: must be at most 255 characters"),
        ("/alerts/", "before=inf", "before=inf: must be "),
        ("/admin/avatar_monitoring/minute/", "minute__year=9999", "minute__year=9999: must be 1970 to 2999"),
        ("/admin/avatar_monitoring/minute/", "minute__year=2026&minute__month=2&minute__day=30", "a day of that month"),
        ("/admin/avatar_monitoring/minute/", "p=-1", "p=-1: must be 1 to 1000000000"),
        ("/admin/avatar_monitoring/minute/", "node__regex=%5B", "node__regex: the parameters are q, o, p"),
        ("/admin/auth/user/", "username=%00", "must be text without NUL"),
        ("/live/past/moment/", "at=1e400", "at=1e400: must be UTC epoch seconds up to now"),
    ):
        response = operator.get(path, QUERY_STRING=query)
        assert (response.status_code, said in response.content.decode()) == (400, True), (path, query, response.content)


def test_the_admins_own_links_are_allowed(operator):
    found = Alert.objects.get()
    hierarchy = f"{found.started_at:started_at__year=%Y&started_at__month=%m&started_at__day=%d}"
    for path, query in (
        ("/admin/avatar_monitoring/alert/", hierarchy),
        (
            "/admin/avatar_monitoring/alert/",
            "severity__exact=warning&metric__exact=cpu_percent&period=all&state=firing",
        ),
        ("/admin/avatar_monitoring/alert/", "o=-4.1&q=web&p=1"),
        ("/admin/avatar_monitoring/clientsession/", "ended__exact=&node=web:1&_facets=True"),
        ("/admin/auth/user/", "is_staff__exact=1&groups__id__exact=1&o=1&p=1"),
    ):
        assert operator.get(path, QUERY_STRING=query).status_code == 200, (path, query)
