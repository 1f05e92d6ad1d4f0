"""The site under a real daphne that speaks TLS itself: nothing may reach the socket past the encryption."""

import json
import ssl
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.sync.client import connect

from tests.site import APPLICATION, receive

AVATARS = 10
"""Two of them are pinged each second."""


@pytest.fixture
def certificate(tmp_path) -> tuple[Path, Path]:
    """A key and a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    paths = tmp_path / "key.pem", tmp_path / "certificate.pem"
    plain = serialization.NoEncryption()
    paths[0].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain))
    paths[1].write_bytes(signed.public_bytes(pem))
    return paths


def test_pings_and_frames_go_through_it(site, certificate):
    key, own = certificate
    endpoint = f"ssl:{site.port}:interface=127.0.0.1:privateKey={key}:certKey={own}"
    site.server("-m", "daphne", "-e", endpoint, APPLICATION)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with ExitStack() as stack:
        url = f"wss://127.0.0.1:{site.port}/ws/avatar/"
        avatars = [stack.enter_context(connect(url, ssl=trusting)) for _ in range(AVATARS)]
        for avatar in avatars:
            receive(avatar, "welcome")
        avatars[0].send('{"type":"subscribe","channel":"metrics"}')
        time.sleep(2.5)
        for avatar in avatars:
            avatar.send(json.dumps({"type": "ping", "t": 1}))
            assert receive(avatar, "pong")["t"] == 1
        frames = [receive(avatars[0], "metrics") for _ in range(2)]
    assert frames[-1]["server"]["p50_latency_ms"] is not None
