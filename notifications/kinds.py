"""The kinds of message there are. Each is registered by the app that knows what it is about, in its `messages.py`:

    kinds.register("booking_moved", channels=(Channel.EMAIL, Channel.SMS), context_for=context_for)

So this app carries messages about anything, and knows of none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from django.utils.module_loading import autodiscover_modules

from .models import Channel, Message


class NoLongerApplies(Exception):
    """What the message would say is not true any more; the text says why."""


class NotYet(Exception):
    """It is true, but nobody wants it now, in the middle of the night: send it at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until:%H:%M} UTC")
        self.until = until


class ContextFor(Protocol):
    def __call__(self, message: Message, *, now: datetime) -> Mapping[str, Any]:
        """What the templates of `message` need, as of `now`; see `delivery.deliver`. Raises NoLongerApplies, NotYet."""


@dataclass(frozen=True)
class Kind:
    """`name` is its folder in templates/notifications/, with the parts that its `channels` need. `is_reminder`: people
    may want none, and it is not sent to those."""

    name: str
    channels: tuple[Channel, ...]
    context_for: ContextFor
    is_reminder: bool = False


_kinds: dict[str, Kind] = {}


def register(
    name: str, *, channels: tuple[Channel, ...], context_for: ContextFor, is_reminder: bool = False
) -> None:
    _kinds[name] = Kind(name, channels, context_for, is_reminder)


def find(name: str) -> Kind:
    """Raises KeyError."""
    return registered()[name]


@cache
def registered() -> Mapping[str, Kind]:
    """All of them, by name. Looked for when the first message goes out: few programs ever send one."""
    autodiscover_modules("messages")
    return _kinds
