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


class ContextFor(Protocol):
    def __call__(self, message: Message, *, now: datetime) -> Mapping[str, Any]:
        """What the templates of `message` need, as of `now`; see `delivery.deliver`. Raises NoLongerApplies."""


@dataclass(frozen=True)
class Kind:
    """`name` is its folder in templates/notifications/, with the parts that its `channels` need."""

    name: str
    channels: tuple[Channel, ...]
    context_for: ContextFor


_kinds: dict[str, Kind] = {}


def register(name: str, *, channels: tuple[Channel, ...], context_for: ContextFor) -> None:
    _kinds[name] = Kind(name, channels, context_for)


def find(name: str) -> Kind:
    """Raises KeyError."""
    return registered()[name]


@cache
def registered() -> Mapping[str, Kind]:
    """All of them, by name. Looked for when the first message goes out: few programs ever send one."""
    autodiscover_modules("messages")
    return _kinds
