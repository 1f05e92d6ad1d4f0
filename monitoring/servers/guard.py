"""Gives each WebSocket its link to the server, and where that is wanted lets it limit what the connection may cost."""

from __future__ import annotations

from monitoring.core.recorder import ASGIApplication, Receive, Scope, Send
from monitoring.core.wire.link import SCOPE_KEY, Link, ProtectionCounters
from monitoring.servers.daphne_guarded_link import guarded_link_to
from monitoring.servers.daphne_link import link_to
from monitoring.servers.uvicorn_link import uvicorn_link


class Linked:
    """Wraps an ASGI application; gives each WebSocket's scope its link, and changes nothing else."""

    def __init__(self, app: ASGIApplication, protection: ProtectionCounters) -> None:
        self.app = app
        self.protection = protection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            link: Link | None = link_to(receive, send, self.protection) or uvicorn_link(send, self.protection)
            if link is not None:
                scope = {**scope, SCOPE_KEY: link}
        await self.app(scope, receive, send)


class Guard(Linked):
    """Also limits each WebSocket, if the server lets us, and counts in `protection`; `setting` says who wants that."""

    def __init__(self, app: ASGIApplication, protection: ProtectionCounters, setting: str) -> None:
        super().__init__(app, protection)
        self.setting = setting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        link = None
        if scope["type"] == "websocket":
            link = guarded_link_to(scope, receive, send, self.protection, self.setting)
        if link is None:
            await super().__call__(scope, receive, send)
            return
        await self.app({**scope, SCOPE_KEY: link}, link.receiving(receive), link.sending(send))
