"""Posts a notice as JSON, signed so that the receiver knows who sent it and when."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import UTC

from monitoring.alerting.channels import http_call
from monitoring.alerting.channels.answer import Address, Message, SendResult

VERSION = 1
KEY_HEADER, TIME_HEADER, SIGNATURE_HEADER = "Idempotency-Key", "X-Avatar-Timestamp", "X-Avatar-Signature"


def send(address: Address, message: Message) -> SendResult:
    body = body_of(message)
    stamp = str(int(time.time()))
    headers = {"Content-Type": "application/json", KEY_HEADER: message.key, TIME_HEADER: stamp}
    if address.secret:
        headers[SIGNATURE_HEADER] = signature(address.secret, stamp, body)
    return http_call.as_answer(address.target, body, headers)


def body_of(message: Message) -> bytes:
    """The same bytes at each attempt."""
    payload = {
        "version": VERSION,
        "key": message.key,
        "kind": message.kind,
        "channel": message.channel,
        "site": message.site,
        "created_at": message.created_at.astimezone(UTC).isoformat(),
        **message.content,
    }
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def signature(secret: str, stamp: str, body: bytes) -> str:
    """`sha256=` and the HMAC-SHA256, in hexadecimal, of the time stamp, a dot and the body."""
    return "sha256=" + hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
