"""Decides who holds a name, and which of two claims wins. Pure."""

from __future__ import annotations

import msgspec


class Claim(msgspec.Struct, array_like=True, frozen=True):
    """An avatar's claim to its name.

    `holder` is the same for one avatar however often it comes back, and known to nobody else. `turn` grows with each of
    its connections: it is UTC epoch milliseconds, because a node may not know the previous connection, or more if it
    does. `since` is when the holder got the name, in UTC epoch seconds, and `node` is where the connection is.
    """

    holder: str = ""
    turn: int = 0
    since: float = 0.0
    node: str = ""

    def beats(self, other: Claim) -> bool:
        """Whether this claim wins; every node comes to the same answer, whatever it heard first.

        Of one holder's connections the last wins; of two holders who came to two nodes at the same moment the first.
        """
        if self.holder == other.holder:
            return (self.turn, self.node) > (other.turn, other.node)
        return (self.since, self.holder) < (other.since, other.holder)
