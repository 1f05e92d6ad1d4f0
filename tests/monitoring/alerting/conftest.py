from collections.abc import Iterator

import pytest

from monitoring.alerting.delivery import busy
from tests.receivers import HttpReceiver, MailServer, http_receiver, mail_server


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as one:
        yield one


@pytest.fixture
def mail(settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "Avatars <alerts@avatars.example>"
        yield server


@pytest.fixture(autouse=True)
def _nothing_under_way() -> Iterator[None]:
    """A send that a test leaves behind does not keep the next test's channel of the same number."""
    yield
    busy.forget()
