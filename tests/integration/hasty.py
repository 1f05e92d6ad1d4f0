"""The site with shorter deadlines, so that a test need not wait for the real ones."""

from avatar_site.front import daphne_http

daphne_http.HEADER_SECONDS = daphne_http.BODY_SECONDS = 1.0

from avatar_site.asgi import application  # noqa: E402, F401
