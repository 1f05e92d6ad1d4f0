"""docs/settings.md lists what the code reads, with its default and what is allowed."""

import re

import pytest

from avatar_site import settings as site_settings
from monitoring import conf
from tests.docs.pages import ROOT, names, page, rows, section

SETTINGS = page("settings.md")


def variables(*headings: str) -> dict[str, list[str]]:
    """The rows of settings.md, by variable."""
    found = [row for heading in headings for row in rows(section(SETTINGS, heading))]
    return {row[0].strip("`"): row for row in found}


OF_MONITORING = ("Monitoring", "Alerts", "History", "Who may look")


def test_the_settings_page_lists_exactly_the_variables_of_monitoring():
    assert set(variables(*OF_MONITORING)) == set(conf.VARIABLES)


@pytest.mark.parametrize("name", conf.VARIABLES)
def test_it_says_what_a_variable_is_by_default_and_must_be(name):
    field, parse = conf.VARIABLES[name]
    _, default, allowed, _ = variables(*OF_MONITORING)[name]
    default_of_code = getattr(conf.MonitoringSettings(), field)
    if re.fullmatch("`[^`]+`", default):
        assert parse(default.strip("`")) == default_of_code
    else:
        assert not default_of_code
    (error,) = conf.problems({name: "?!"})
    assert error.endswith(f": must be {allowed}")


def test_the_settings_page_lists_exactly_the_variables_that_the_site_reads():
    settings = (ROOT / "avatar_site" / "settings.py").read_text()
    read = set(re.findall(r'"((?:AVATAR|DJANGO)_[A-Z_]+|REDIS_URL|DATABASE_URL)"', settings)) - {"AVATAR_"}
    assert set(variables("The avatar site")) == read - set(conf.VARIABLES)


SITE_VARIABLES = re.findall(
    r'env\.parsed\(\s*"(\w+)",\s*"([^"]*)",\s*(\w+(?:\([^)]*\))?)', (ROOT / "avatar_site" / "settings.py").read_text()
)


@pytest.mark.parametrize(
    ("name", "default", "parser"), [row for row in SITE_VARIABLES if not row[0].startswith(("SITE_", "DJANGO_SECRET"))]
)
def test_it_says_what_a_variable_of_the_site_is_by_default_and_must_be(name, default, parser):
    parse = eval(parser, vars(site_settings))
    _, documented, allowed, _ = variables("The avatar site")[name]
    if documented.startswith("`"):
        assert parse(documented.strip("`")) == parse(default)
    else:
        assert not default
    with pytest.raises(ValueError) as error:  # noqa: PT011  (its text is what is compared)
        parse("://?!")
    assert str(error.value).startswith(allowed)


def test_the_settings_page_names_the_settings_of_django_that_are_read():
    source = (ROOT / "monitoring" / "conf.py").read_text()
    read = set(re.findall(r'getattr\(django_settings, "(\w+)"', source))
    assert names([row[0] for row in rows(section(SETTINGS, "Django settings of a project"))]) == read
