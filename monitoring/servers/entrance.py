"""Leads each connection to where it belongs: the viewers' own WebSocket, the guarded ones, and everything else."""

from __future__ import annotations

from collections.abc import Container

from monitoring.core.asgi_types import ASGIApplication, Receive, Scope, Send
from monitoring.servers import viewers_socket
from monitoring.servers.viewers_socket import PASSED_KEY, path_info


class Entrance:
    """`viewers` serves the viewers' WebSocket, `guarded` those on the paths in `guard`, `app` the other ones.

    What is no client, requests and the paths in `exclude`, goes to the project's application: `untouched`, or
    `guarded_only` on the paths in `guard`.
    """

    def __init__(
        self,
        app: ASGIApplication,
        *,
        untouched: ASGIApplication,
        exclude: Container[str],
        viewers: ASGIApplication,
        guarded: ASGIApplication,
        guarded_only: ASGIApplication,
        guard: Container[str],
    ) -> None:
        self.app = app
        self.untouched = untouched
        self.exclude = exclude
        self.viewers = viewers
        self.guarded = guarded
        self.guarded_only = guarded_only
        self.guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.untouched
        if scope["type"] == "http":
            scope = {**scope, PASSED_KEY: True}
        elif scope["type"] == "websocket":
            app = self._of_websocket(scope)
        await app(scope, receive, send)

    def _of_websocket(self, scope: Scope) -> ASGIApplication:
        if viewers_socket.is_viewer(scope):
            return self.viewers
        path = path_info(scope)
        if path in self.exclude:
            return self.guarded_only if path in self.guard else self.untouched
        return self.guarded if path in self.guard else self.app
