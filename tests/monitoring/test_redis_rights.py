"""With the users of a real Valkey: what each may not do is named, and nothing is left behind."""

import re
from pathlib import Path

import pytest
import redis as client_library

from avatar_site.supervisor.preparation import OF_CELERY
from monitoring.redis_rights import JOURNAL, LAST, refusal

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = sorted({command[0].lower() for command in (*JOURNAL, *OF_CELERY, *LAST)})


@pytest.fixture
def as_user(redis, redis_url):
    """Makes a user by rules of the ACL, and a client of it."""
    clients = []

    def make(*rules: str) -> client_library.Redis:
        redis.execute_command("ACL", "SETUSER", "guest", "reset", "on", ">secret", *rules)
        clients.append(client_library.Redis.from_url(redis_url, username="guest", password="secret"))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
    redis.execute_command("ACL", "DELUSER", "guest")


def test_a_user_who_may_do_all_lacks_nothing_and_nothing_is_left(as_user, redis):
    before = set(redis.keys("*"))
    assert refusal(as_user("~avatar:test:*", "&*", "+@all"), "test", OF_CELERY) is None
    assert set(redis.keys("*")) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_one_command_that_is_missing_is_named(as_user, command):
    said = refusal(as_user("~*", "&*", "+@all", f"-{command}"), "test", OF_CELERY)
    assert said == f"its user may not run {command.upper()}: ACL SETUSER … +{command}"


def test_all_that_are_missing_are_named_at_once(as_user):
    said = refusal(as_user("~*", "&*", "+@all", "-info", "-xadd", "-brpop"), "test", OF_CELERY)
    assert said == "its user may not run BRPOP, INFO, XADD: ACL SETUSER … +brpop +info +xadd"


def test_what_is_not_used_need_not_be_allowed(as_user):
    rules = ("-@all", *(f"+{command}" for command in COMMANDS))
    assert refusal(as_user("~*", "&*", *rules), "test", OF_CELERY) is None


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (("~other:*", "&*"), "its user may not use keys such as avatar:test:start"),
        (("~avatar:test:*", "&other*", "&avatar:*"), "its user may not use channels such as avatar.test.start"),
    ],
)
def test_keys_and_channels_that_are_not_the_user_s_are_named(as_user, rules, said):
    assert refusal(as_user(*rules, "+@all"), "test") == said


@pytest.mark.parametrize("document", ["operate.md", "deployment.md"])
def test_the_user_of_the_docs_lacks_nothing(as_user, document):
    found = re.search(r"^(?:ACL SETUSER|user) avatar on >PASSWORD (.*)$", (DOCS / document).read_text(), re.MULTILINE)
    assert found, document
    assert refusal(as_user(*found[1].split()), "test", OF_CELERY) is None
