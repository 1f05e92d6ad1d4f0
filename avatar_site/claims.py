"""Who holds a name, and who of two that do keeps it. Pure."""

from __future__ import annotations

import msgspec


class Claim(msgspec.Struct, array_like=True, frozen=True):
    """An avatar's hold on its name.

    `holder` is the same for one avatar however often it comes back, and known to nobody else; `turn` grows with each of
    its connections: it is UTC epoch milliseconds, as a node may not know of the one before, or more if it does.
    `since` is when the holder got the name, in UTC epoch seconds, and `node` where the connection is.
    """

    holder: str = ""
    turn: int = 0
    since: float = 0.0
    node: str = ""

    def beats(self, other: Claim) -> bool:
        """Whether this one keeps the name; every node comes to the same answer, whatever it has heard first.

        Of one holder's connections the last, of two holders who came at the same moment to two nodes the first.
        """
        if self.holder == other.holder:
            return (self.turn, self.node) > (other.turn, other.node)
        return (self.since, self.holder) < (other.since, other.holder)
