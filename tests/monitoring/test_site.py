import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from monitoring import conf, site
from monitoring.models import Site
from monitoring.models.node import SiteQuerySet
from monitoring.site import SiteUnknownError


@pytest.fixture
def unnamed(settings, monkeypatch) -> None:
    """A site whose name no variable sets, in a process that has not asked yet."""
    settings.AVATAR_MONITORING = {}
    monkeypatch.setattr(site, "_kept", {})


def test_a_variable_sets_the_name(settings):
    settings.AVATAR_MONITORING = {"AVATAR_SITE": "Site-1"}
    assert site.name() == "Site-1"
    assert site.key_of(site.name(), "journal") == "avatar:Site-1:journal"
    assert site.channel_of(site.name(), "rooms") == "avatar.Site-1.rooms"


@pytest.mark.parametrize("text", ["two words", "a:b", "a.b", "ü", "x" * 33])
def test_a_name_that_no_key_or_channel_can_contain_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match=r"AVATAR_SITE=.*: must be 1 to 32 letters, digits and dashes"):
        conf.load({"AVATAR_SITE": text})


async def test_callers_that_must_not_wait_get_the_same_name(settings):
    settings.AVATAR_MONITORING = {"AVATAR_SITE": "Site-1"}
    assert await site.known_name() == "Site-1"


@pytest.mark.django_db
def test_the_name_is_generated_once_and_kept_in_the_database(unnamed, monkeypatch):
    made = site.name()
    assert len(made) == 8
    assert Site.objects.get().name == made
    monkeypatch.setattr(site, "_kept", {})
    assert site.name() == made


@pytest.mark.django_db
def test_the_database_is_asked_once_per_process(unnamed, django_assert_num_queries):
    site.name()
    with django_assert_num_queries(0):
        site.name()


@pytest.mark.django_db
def test_two_simultaneous_first_callers_get_the_same_name(monkeypatch):
    found = SiteQuerySet._found
    Site.objects.create(pk=1, name="first")
    answers = iter([lambda _: None, found, found])
    monkeypatch.setattr(SiteQuerySet, "_found", lambda self: next(answers)(self))
    assert Site.objects.own_name() == "first"


@pytest.mark.django_db
def test_two_databases_have_two_names():
    one = Site.objects.own_name()
    Site.objects.all().delete()
    assert Site.objects.own_name() != one


def test_while_the_database_is_away_the_name_is_unknown(unnamed, monkeypatch):
    def away(self):
        raise OperationalError("no route to host")

    monkeypatch.setattr(SiteQuerySet, "own_name", away)
    with pytest.raises(SiteUnknownError, match=r"Cannot read the site's name from the database: no route to host"):
        site.name()
