"""The types of event there are. Each is registered by the app that knows what it is about, in its `webhook_events.py`:

    BOOKING_MOVED = register("booking.moved", "A booking has another time.")

So this app carries events about anything, and knows of none of it but its own `test`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class EventType:
    """`when` completes the line in the form and in docs/webhooks.md. `on_request`: nobody subscribes to it."""

    name: str
    when: str
    on_request: bool = False


_types: dict[str, EventType] = {}


def register(name: str, when: str, *, on_request: bool = False) -> EventType:
    _types[name] = EventType(name, when, on_request)
    return _types[name]


@cache
def registered() -> Mapping[str, EventType]:
    """All of them, by name, in the order in which apps register them."""
    autodiscover_modules("webhook_events")
    return _types


def to_choose_from() -> list[EventType]:
    return [kind for kind in registered().values() if not kind.on_request]


TEST = register("test", 'You pressed "Send a test event".', on_request=True)
