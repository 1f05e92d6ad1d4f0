"""Cookie names that no other site on the same host uses."""

import hashlib


def cookie_name(purpose: str, secret: str) -> str:
    """`avatar_session_…`, the same on every node of a site, because all have the site's secret key."""
    digest = hashlib.blake2b(b"cookies", key=hashlib.sha256(secret.encode()).digest(), digest_size=4)
    return f"avatar_{purpose}_{digest.hexdigest()}"
