import threading
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils.functional import Promise

from avatar_site import sign_in as module
from avatar_site.sign_in import Handler, Turns

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_static_files")]

PASSWORD = "a test's own password"
PAGES = ["/login/", "/admin/login/"]


@pytest.fixture
def plain_static_files(settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def ann() -> User:
    return User.objects.create_superuser("ann", password=PASSWORD)


def sign_in(username: str, password: str, page: str = "/login/", address: str = "1.2.3.4", **headers: str):
    form = {"username": username, "password": password}
    return Client().post(page, form, REMOTE_ADDR=address, headers=headers)


def guess(username: str = "ann", times: int = 5, **options: str) -> list[int]:
    return [sign_in(username, "wrong", **options).status_code for _ in range(times)]


@pytest.mark.parametrize("page", PAGES)
def test_the_right_password_signs_in(page):
    assert sign_in("ann", PASSWORD, page).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_five_wrong_passwords_lock_the_pair_of_user_and_address_on_both_pages(page):
    assert guess(page=page) == [200] * 4 + [429]
    assert [sign_in("ann", PASSWORD, page).status_code for page in PAGES] == [429, 429]


def test_the_same_user_elsewhere_and_other_users_at_the_address_are_admitted():
    User.objects.create_user("bob", password=PASSWORD)
    guess()
    assert sign_in("ann", PASSWORD, address="1.2.3.5").status_code == 302
    assert sign_in("bob", PASSWORD).status_code == 302


def test_another_browser_does_not_get_around_the_lock():
    for number in range(5):
        sign_in("ann", "wrong", **{"user-agent": f"browser {number}"})
    assert sign_in("ann", PASSWORD, **{"user-agent": "another"}).status_code == 429


def test_the_addresses_of_one_ipv6_subscriber_count_as_one():
    for number in range(5):
        sign_in("ann", "wrong", address=f"2001:db8::{number}")
    assert sign_in("ann", PASSWORD, address="2001:db8::99").status_code == 429


def test_a_forged_header_does_not_get_around_the_lock():
    for number in range(5):
        sign_in("ann", "wrong", **{"x-forwarded-for": f"9.9.9.{number}"})
    assert sign_in("ann", PASSWORD, **{"x-forwarded-for": "9.9.9.99"}).status_code == 429


def test_an_unknown_user_gets_the_same_answers():
    known = [sign_in("ann", "wrong") for _ in range(6)]
    unknown = [sign_in("nobody", "wrong") for _ in range(6)]
    assert [answer.status_code for answer in known] == [answer.status_code for answer in unknown]
    assert known[-1].content == unknown[-1].content


def test_the_lockout_page_says_how_long_in_our_design():
    guess()
    answer = sign_in("ann", PASSWORD)
    assert answer.headers["Retry-After"] == "900"
    assert "Try again in 15 minutes" in answer.content.decode()
    assert "avatar_monitoring/_message_page.html" in [template.name for template in answer.templates]


def test_a_success_resets_the_failures():
    guess(times=4)
    assert sign_in("ann", PASSWORD).status_code == 302
    assert guess(times=4) == [200] * 4


def test_a_lockout_ends_by_itself_and_further_guesses_do_not_extend_it():
    guess(times=8)
    AccessAttempt.objects.update(attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(minutes=16))
    assert sign_in("ann", PASSWORD).status_code == 302


def test_the_operator_unlocks_with_a_command():
    guess()
    call_command("axes_reset_username", "ann", verbosity=0)
    assert sign_in("ann", PASSWORD).status_code == 302


def test_a_lockout_is_one_line_in_the_log(caplog):
    guess("eve\nWARNING forged", times=10)
    assert own_lines(caplog)[4:] == [
        r"Sign-in as 'eve\nWARNING forged' from 1.2.3.4 is locked for 15 minutes after 5 wrong passwords"
    ]


def test_one_guess_for_each_of_many_users_is_logged(caplog):
    for number in range(3):
        guess(f"user{number}", times=1)
    assert own_lines(caplog) == ["Wrong name or password from 1.2.3.4"] * 3


def own_lines(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith(("avatar_site", "django"))]


@pytest.fixture
def crowded(monkeypatch):
    """Guesses from many addresses leave nobody else a turn."""
    crowded = Turns(seconds=0)
    with crowded._turn:
        monkeypatch.setattr(module, "turns", crowded)
        yield


@pytest.mark.parametrize("page", PAGES)
def test_guesses_from_everywhere_do_not_keep_known_browsers_out(page, request, settings):
    browser, form = Client(), {"username": "ann", "password": PASSWORD}
    assert browser.post(page, form).status_code == 302
    del browser.cookies[settings.SESSION_COOKIE_NAME]
    request.getfixturevalue("crowded")
    assert sign_in("ann", PASSWORD, page).status_code == 429
    assert browser.post(page, form, REMOTE_ADDR="1.2.3.9").status_code == 302


def test_only_a_signature_makes_a_browser_known(crowded, settings):
    browser = Client()
    browser.cookies[settings.KNOWN_COOKIE_NAME] = "1:forged"
    assert browser.post("/login/", {"username": "ann", "password": PASSWORD}).status_code == 429


def test_known_browsers_still_take_turns():
    turns = Turns(seconds=0)
    with turns.taken("1.2.3.4", "7") as first, turns.taken("1.2.3.5", "7") as second:
        assert (first, second) == (True, False)


def test_a_wrong_password_does_not_make_a_browser_known(settings):
    browser = Client()
    browser.post("/login/", {"username": "ann", "password": "wrong"})
    assert settings.KNOWN_COOKIE_NAME not in browser.cookies


def test_no_password_is_stored():
    sign_in("ann", "my secret")
    attempt = AccessAttempt.objects.get()
    assert "my secret" not in attempt.post_data + attempt.get_data


def test_a_busy_database_does_not_turn_a_wrong_password_into_an_error(monkeypatch, caplog):
    def locked(*_args, **_kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(module.AxesDatabaseHandler, "user_login_failed", locked)
    assert sign_in("ann", "wrong").status_code == 200
    assert "Could not count a wrong password: database is locked" in caplog.text


def test_old_attempts_are_deleted_now_and_then_but_not_each_time(monkeypatch):
    calls = []
    monkeypatch.setattr(
        module.AxesDatabaseHandler, "clean_expired_user_attempts", lambda *_: calls.append(1) or len(calls)
    )
    handler = Handler()
    for _ in range(10):
        handler.clean_expired_user_attempts(None, None)
    assert len(calls) == 1


class Crowd:
    """Threads that want a turn, and how many had one at the same time."""

    def __init__(self, turns: Turns, addresses: list[str]) -> None:
        self.together = self.most = 0
        self.answers: list[bool] = []
        self.go_on = threading.Event()
        self._turns = turns
        self.threads = [threading.Thread(target=self._want, args=(address,)) for address in addresses]
        for thread in self.threads:
            thread.start()

    def _want(self, address: str) -> None:
        with self._turns.taken(address) as is_turn:
            if is_turn:
                self.together += 1
                self.most = max(self.most, self.together)
                self.go_on.wait(5)
                self.together -= 1
            self.answers.append(is_turn)

    def end(self) -> list[bool]:
        self.go_on.set()
        for thread in self.threads:
            thread.join(10)
        return sorted(self.answers)


def test_passwords_are_checked_one_at_a_time_and_few_wait_from_one_address():
    crowd = Crowd(Turns(), ["1.2.3.4"] * 10)
    assert crowd.end() == [False] * 6 + [True] * 4
    assert crowd.most == 1


def test_a_caller_that_waits_too_long_is_told_to_come_back():
    turns = Turns(seconds=0.01)
    with turns.taken("1.2.3.4") as first, turns.taken("1.2.3.5") as second:
        assert (first, second) == (True, False)
    with turns.taken("1.2.3.5") as third:
        assert third


def test_a_page_says_so_if_too_many_are_waiting(monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 0)
    answer = sign_in("ann", PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
    assert "Too many people are signing in" in answer.content.decode()


def test_the_page_itself_never_waits(monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 0)
    assert Client().get("/login/").status_code == 200


@pytest.mark.parametrize(("password", "known"), [(PASSWORD, True), ("wrong", False)])
def test_a_program_without_a_request_may_sign_in_too(password, known, ann):
    assert authenticate(username="ann", password=password) == (ann if known else None)
    assert not AccessAttempt.objects.exists()


def test_the_admins_titles_are_translated():
    titles = (admin.site.site_header, admin.site.site_title, admin.site.index_title)
    assert all(isinstance(title, Promise) for title in titles)
