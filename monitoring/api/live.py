"""The current state of the fleet: the caller is a viewer of this node's hub until the first complete frame arrives."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from monitoring import runtime
from monitoring.access import Refused
from monitoring.core.address_masks import Mask
from monitoring.core.client_rates import SHORTEST
from monitoring.core.client_states import ClientState
from monitoring.core.groups import GroupedView
from monitoring.core.hub import Hub
from monitoring.core.tick_turns import CLIENTS_A_TICK
from monitoring.core.view import View
from monitoring.core.wire.outgoing import Outgoing
from monitoring.fleet.relay import NoRelay, Relay

INTERVALS = 3
"""How long to wait for a frame: it comes with the next tick, and other nodes' rows with the one after at the latest."""


def needs_rates(view: View) -> bool:
    """Whether the view is about messages a second, which nodes know some time after somebody began to look."""
    return view.state == ClientState.NOISY or view.key == "messages_per_second"


class OneShotViewer:
    """A viewer that takes frames until one has the view's rows of all nodes, `patience` seconds after the first such
    one."""

    def __init__(self, hub: Hub, relay: Relay | NoRelay, view: View, patience: float = 0.0) -> None:
        self.view = view
        self.client_id = ""
        self.address_mask: Mask = str  # no page of one client
        self.frame: Outgoing | None = None
        self.missing: list[str] = []
        self.complete = asyncio.Event()
        self._hub = hub
        self._relay = relay
        self._patience = patience
        self._since: float | None = None

    def offer_frame(self, frame: Outgoing, seq: int) -> bool:  # noqa: ARG002
        self.frame = frame
        self.missing = self._relay.missing(self.view, self._hub.past.moment)
        if not self.missing and (self._hub.counts_groups or not isinstance(self.view, GroupedView)):
            now = asyncio.get_running_loop().time()
            self._since = now if self._since is None else self._since
            if now - self._since >= self._patience:
                self.complete.set()
        return True

    def offer(self, message: Outgoing) -> bool:  # noqa: ARG002
        """Past frames are not asked for."""
        return True


async def look(view: View) -> dict[str, Any]:
    """The next frame for one view, and `missing_nodes`: nodes that were heard recently but are not in it.

    Waits for at most three intervals, for groups until all clients can have been counted, and for what is about
    messages a second until each node has counted twice. Raises Refused with 503 if nothing is monitored here, or no
    frame arrives.
    """
    here = runtime.current()
    if here.hub is None or here.monitor is None:
        raise Refused(503, "disabled", "Monitoring is switched off: AVATAR_MONITORING_ENABLED=false")
    if not here.monitor.is_running:
        raise Refused(503, "not_running", "This process serves no WebSockets, so there is nothing to monitor")
    ticks = INTERVALS
    if isinstance(view, GroupedView):
        ticks += here.monitor.collector.active_connections // CLIENTS_A_TICK
    interval = here.monitor.pace.interval
    patience = SHORTEST + interval if needs_rates(view) else 0.0
    seconds = ticks * interval + patience
    glance = OneShotViewer(here.hub, here.relay, view, patience)
    here.hub.join(glance)
    try:
        here.relay.look()
        async with asyncio.timeout(seconds):
            await glance.complete.wait()
    except TimeoutError:
        if glance.frame is None:
            raise Refused(503, "no_frame", f"No frame arrived within {seconds:g} s") from None
    finally:
        here.hub.leave(glance)
    assert glance.frame is not None
    return msgspec.json.decode(glance.frame.payload) | {"missing_nodes": glance.missing}
