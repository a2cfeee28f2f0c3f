"""Who does something to a booking."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Membership, User

from .models import Actor


@dataclass(frozen=True)
class By:
    """On which side somebody stands and, if they signed in, who it is."""

    actor: Actor
    user: User | None = None

    @classmethod
    def of(cls, member: Membership) -> By:
        """Somebody who works in the tradie's business."""
        return cls(Actor.TRADIE, member.user)


CUSTOMER = By(Actor.CUSTOMER)
SYSTEM = By(Actor.SYSTEM)
