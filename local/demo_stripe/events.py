"""Events: a snapshot of the object, stored with the change it tells of, and queued for delivery."""

from __future__ import annotations

import time
from typing import Any

from . import API_VERSION
from . import params as read
from .errors import no_such
from .lists import PAGING, list_page
from .store import Object, public
from .world import Call, World, base


def emit(world: World, call: Call | None, event_type: str, obj: Object, account: str) -> Object:
    """Records the event and its deliveries. To be called within the transaction of the change itself."""
    event = base("evt", "event") | {
        "api_version": API_VERSION,
        "type": event_type,
        "data": {"object": public(obj)},
        "pending_webhooks": int(world.postman.is_asked_for(event_type)),
        "request": {
            "id": call.request_id if call else None,
            "idempotency_key": call.idempotency_key if call else None,
        },
    }
    if account:
        event["account"] = account
    world.store.insert(event, account, parent=event_type)
    world.postman.queue(event["id"], event_type, time.time())
    return event


def retrieve(world: World, call: Call, event_id: str) -> Object:
    event = world.store.get("event", event_id, call.account)
    if event is None:
        raise no_such("event", event_id)
    return event


def list_events(world: World, call: Call) -> dict[str, Any]:
    """Filters: type (with `*` at its end), types[], created, and the usual paging."""
    read.allow(call.params, *PAGING, "type", "types", "delivery_success")
    wanted = call.params.get("types") or ([call.params["type"]] if "type" in call.params else None)
    if wanted:
        known = {
            row[0] for row in world.store.rows("SELECT DISTINCT parent FROM objects WHERE kind = 'event'")
        }
        wanted = [name for name in known if any(_matches(name, pattern) for pattern in wanted)] or ["-"]
    return list_page(world.store, "event", call.account, call.params, "/v1/events", wanted)


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
