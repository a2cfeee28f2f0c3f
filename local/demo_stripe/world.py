"""What every handler is given: the demo itself (`World`) and the request (`Call`)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .store import Object, Store, new_id

if TYPE_CHECKING:
    from .webhooks import Postman

PLATFORM = ""


@dataclass(frozen=True)
class Settings:
    port: int
    secret_key: str
    publishable_key: str
    webhook_url: str
    webhook_secret: str
    webhook_events: tuple[str, ...]
    accounts: tuple[str, ...]


@dataclass
class World:
    settings: Settings
    store: Store
    postman: Postman

    @property
    def origin(self) -> str:
        """The address that browsers know the demo by."""
        return f"http://localhost:{self.settings.port}"


@dataclass
class Call:
    """One request. `account`: the connected account of `Stripe-Account`, or "" for the platform."""

    method: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    account: str = PLATFORM
    publishable: bool = False
    idempotency_key: str | None = None
    request_id: str = ""

    def __post_init__(self) -> None:
        self.request_id = self.request_id or new_id("req")


def now() -> int:
    return int(time.time())


def base(prefix: str, kind: str) -> Object:
    """The keys that every v1 object begins with."""
    return {"id": new_id(prefix), "object": kind, "created": now(), "livemode": False}
