import logging

import pytest

from monitoring.alerting.channels import apprise_url
from monitoring.alerting.channels.answer import Address
from monitoring.alerting.channels.apprise_url import problem_of, without_secrets
from monitoring.extras import MissingExtraError
from tests.monitoring.alerting.channels.messages import message

TOKEN = "TIiajkdnlazkcOXrIdevi7FQ"


def as_apprise(url: str, path: str = TOKEN) -> Address:
    return Address(url.replace("http://", "json://") + f"/{path}")


def test_a_service_gets_title_and_text(receiver):
    assert apprise_url.send(as_apprise(receiver.url), message()).is_sent
    (request,) = receiver.received
    assert request.path.endswith(TOKEN)
    assert request.json["title"] == "Warning: CPU above 80 %, web-1"
    assert "web-1: 95 %" in request.json["message"]
    assert request.json["type"] == "warning"


@pytest.mark.parametrize(("status", "is_permanent"), [(403, True), (404, True), (429, False), (500, False)])
def test_a_refusal_tells_no_secret(receiver, caplog, status, is_permanent):
    receiver.answers = [(status, {})]
    with caplog.at_level(logging.DEBUG):
        answer = apprise_url.send(as_apprise(receiver.url), message())
    assert (answer.is_sent, answer.is_permanent) == (False, is_permanent)
    assert str(status) in answer.text
    assert TOKEN not in answer.text + caplog.text


def test_a_scheme_that_is_unknown_is_permanent():
    answer = apprise_url.send(Address("nosuch://host/secret"), message())
    assert answer.is_permanent
    assert answer.text == "Apprise does not know nosuch://… or misses a part of it"


@pytest.mark.parametrize("url", ["slack://T1/secretpart", "nosuch://secretpart", "json://"])
def test_what_is_wrong_with_a_url_names_its_scheme_only(url):
    assert problem_of(url) == f"{url.partition('://')[0]}://… is not a valid URL of Apprise"


def test_without_apprise_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    assert problem_of("json://localhost").startswith("apprise is not installed: pip install apprise")
    with pytest.raises(MissingExtraError):
        apprise_url.send(Address("json://localhost"), message())


def test_secrets_are_hidden_as_they_are_and_as_they_are_quoted():
    url = "slack://user:p%40ssword@host/Token1234/"
    assert without_secrets("p@ssword and p%40ssword and Token1234", url) == "*** and *** and ***"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_notice_does_not_follow_to_another_address(receiver, status):
    receiver.answers = [(status, {"Location": f"{receiver.url}/elsewhere"}), (200, {})]
    assert not apprise_url.send(as_apprise(receiver.url), message()).is_sent
    assert len(receiver.received) == 1


@pytest.mark.parametrize("form", ["text", "html"])
def test_what_a_client_calls_itself_is_no_html_in_a_mail(mail, form):
    said = message(text="<img src=x>: 95 %\nand one more", title="CPU above 80 %, <b>")
    people = "from=a@avatars.example&to=b@avatars.example"
    address = Address(f"mailto://127.0.0.1:{mail.port}?{people}&mode=insecure&format={form}")
    assert apprise_url.send(address, said).is_sent
    parts = {part.get_content_type(): str(part.get_payload(decode=True)) for part in mail.next().walk()}
    html = parts.get("text/html", "")
    assert ("&lt;img" in html, "<img" in html) == (form == "html", False)
    assert form == "html" or "<img src=x>" in parts["text/plain"]


def test_a_name_calls_nobody_in_a_chat(receiver):
    assert apprise_url.send(
        as_apprise(receiver.url), message(title="CPU, @everyone", text="@here and ann@here.org")
    ).is_sent
    (request,) = receiver.received
    assert "@everyone" not in request.json["title"]
    assert "@here and" not in request.json["message"]
