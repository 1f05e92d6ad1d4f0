"""What people see of clients' addresses: all that is kept with a permission of its own, without it the network."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from monitoring.access import by_token, signed_in
from monitoring.core.address_masks import Mask, masked

ADDRESSES_PERMISSION = "avatar_monitoring.view_addresses"
"""Whoever has it sees clients' addresses whole; others, and screens, see their networks."""


def address_mask(user: Any) -> Mask:
    """What a user sees; nobody, such as a screen, is None or anonymous, whatever a project lets anonymous users do."""
    is_somebody = getattr(user, "is_authenticated", False) and hasattr(user, "has_perm")
    return str if is_somebody and user.has_perm(ADDRESSES_PERMISSION) else masked


def address_mask_of(request: HttpRequest) -> Mask:
    """What the sender of an admitted request sees: the holder of a token, whole addresses."""
    return str if by_token(request) else address_mask(signed_in(request))
