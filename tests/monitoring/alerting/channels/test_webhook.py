import hashlib
import hmac
import json

from monitoring.alerting.channels import webhook
from monitoring.alerting.channels.answer import Address
from tests.monitoring.alerting.channels.messages import KEY, message


def test_a_receiver_can_check_who_sent_it_and_when(receiver):
    assert webhook.send(Address(receiver.url, "a shared secret"), message()).is_sent
    (request,) = receiver.received
    signed = request.headers["X-Avatar-Timestamp"].encode() + b"." + request.body
    expected = hmac.new(b"a shared secret", signed, hashlib.sha256).hexdigest()
    assert request.headers["X-Avatar-Signature"] == f"sha256={expected}"
    assert request.headers["Idempotency-Key"] == KEY


def test_its_body_is_the_same_at_each_attempt():
    body = webhook.body_of(message())
    assert body == webhook.body_of(message())
    assert json.loads(body) | {"version": 1, "key": KEY, "site": "house", "kind": "firing"} == json.loads(body)
