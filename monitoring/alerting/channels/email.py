"""Sends a notice as an e-mail through the project's own e-mail settings."""

from __future__ import annotations

import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.utils.module_loading import import_string

from monitoring.alerting.channels.answer import Address, Message, SendResult, failed, sent

SECONDS = 10
"""For each step, unless EMAIL_TIMEOUT says otherwise: without a limit a mail server could hold the thread for ever."""


def send(address: Address, message: Message) -> SendResult:
    mail = mail_of(address, message)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return failed(
            f"the mail server refuses all recipients: {_said(error)}", is_permanent=all(map(_is_final, codes))
        )
    except smtplib.SMTPResponseException as error:
        return failed(f"the mail server answers {_said(error)}", is_permanent=_is_final(error.smtp_code))
    except smtplib.SMTPNotSupportedError:
        return failed("the mail server does not offer what EMAIL_HOST_USER or EMAIL_USE_TLS need", is_permanent=True)
    except (OSError, smtplib.SMTPException) as error:
        text = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return failed(f"the mail server cannot be reached: {text}")
    except ValueError as error:
        return failed(f"no such mail can be written: {type(error).__name__}", is_permanent=True)
    return sent(f"accepted for {len(mail.to)} recipient{'s' if len(mail.to) > 1 else ''}")


def mail_of(address: Address, message: Message) -> EmailMessage:
    content = message.content
    lines = [content["text"], *([content["url"]] if content["url"] and content["url"] not in content["text"] else [])]
    return EmailMessage(
        subject=" ".join(f"{settings.EMAIL_SUBJECT_PREFIX}{content['title']}".split()),
        body="\n\n".join(lines) + "\n",
        to=recipients(address.target),
        # Receivers tell by it that a mail is one they have already.
        headers={"Message-ID": f"<{message.key}@{_domain()}>", "Auto-Submitted": "auto-generated"},
        connection=_connection(),
    )


def recipients(target: str) -> list[str]:
    return [part for part in target.replace(",", " ").split() if part]


def _connection() -> BaseEmailBackend:
    backend = import_string(settings.EMAIL_BACKEND)
    is_smtp = isinstance(backend, type) and issubclass(backend, SmtpBackend)
    limit: dict[str, Any] = {"timeout": SECONDS} if is_smtp and settings.EMAIL_TIMEOUT is None else {}
    connection: BaseEmailBackend = get_connection(fail_silently=False, **limit)
    return connection


def _domain() -> str:
    """That of the sender: the same on each host that sends."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"


def _is_final(code: int) -> bool:
    return 500 <= code < 600


def _said(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(sorted({_line(code, text) for code, text in error.recipients.values()}))
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    return type(error).__name__


def _line(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
