"""The site with shorter deadlines, so that a test need not wait for the real ones."""

from avatar_site import daphne_front

daphne_front.HEADER_SECONDS = daphne_front.BODY_SECONDS = 1.0

from avatar_site.asgi import application  # noqa: E402, F401
