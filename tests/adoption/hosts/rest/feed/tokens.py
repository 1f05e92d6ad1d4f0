from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from rest_framework.authtoken.models import Token


class TokenMiddleware:
    """Finds the user of `?token=…`; every WebSocket of this project has one."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        token = parse_qs(scope["query_string"].decode()).get("token", [])[0]
        return await self.app({**scope, "user": await user_of(token)}, receive, send)


@database_sync_to_async
def user_of(key):
    token = Token.objects.select_related("user").filter(key=key).first()
    return token and token.user
