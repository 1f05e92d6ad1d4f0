"""Gives each WebSocket what its server shows of it: its link and its socket.

Where that is wanted, the link also limits what the connection may cost.
"""

from __future__ import annotations

from monitoring.core.asgi_types import ASGIApplication, Receive, Scope, Send
from monitoring.core.kernel_view import SCOPE_KEY as SOCKET_KEY
from monitoring.core.message_times import SCOPE_KEY as ARRIVALS_KEY
from monitoring.core.wire.link import SCOPE_KEY, Link, ProtectionCounters
from monitoring.servers.arrivals import arrivals_of
from monitoring.servers.daphne_guarded_link import guarded_link_to
from monitoring.servers.daphne_link import link_to
from monitoring.servers.tcp_info import socket_view_of
from monitoring.servers.uvicorn_link import uvicorn_link


class Linked:
    """Wraps an ASGI application; gives each WebSocket's scope its link, and changes nothing else."""

    def __init__(self, app: ASGIApplication, protection: ProtectionCounters) -> None:
        self.app = app
        self.protection = protection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            link: Link | None = link_to(receive, send, self.protection) or uvicorn_link(send, self.protection)
            scope = _shown(scope, receive, send, link)
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
        await self.app(_shown(scope, receive, send, link), link.receiving(receive), link.sending(send))


def _shown(scope: Scope, receive: Receive, send: Send, link: Link | None) -> Scope:
    """The scope with what its server shows of the connection; `receive` and `send` must be the server's own."""
    arrivals = None if link is not None and link.tells else arrivals_of(receive)
    shown = {SCOPE_KEY: link, SOCKET_KEY: socket_view_of(send), ARRIVALS_KEY: arrivals}
    return {**scope, **{key: part for key, part in shown.items() if part is not None}}
