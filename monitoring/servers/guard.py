"""Limits how much server memory one WebSocket may hold, if the server lets us."""

from __future__ import annotations

from monitoring.core.recorder import ASGIApplication, Receive, Scope, Send
from monitoring.core.wire.link import SCOPE_KEY, ProtectionCounters
from monitoring.servers.daphne_link import link_to
from monitoring.servers.uvicorn_link import uvicorn_link


class Guard:
    """Wraps an ASGI application; gives each WebSocket's scope its link, and counts in `protection`."""

    def __init__(self, app: ASGIApplication, protection: ProtectionCounters) -> None:
        self.app = app
        self.protection = protection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        link = link_to(receive, send, self.protection) or uvicorn_link(send, self.protection)
        if link is None:
            await self.app(scope, receive, send)
        else:
            await self.app({**scope, SCOPE_KEY: link}, link.receiving(receive), link.sending(send))
