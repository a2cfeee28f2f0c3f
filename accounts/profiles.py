"""The public profile of a tradie: what the widget shows first. Cached; forgotten on any change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.cache import caches
from django.db import transaction

from peepopay.errors import NotFound
from peepopay.freshness import etag_of
from peepopay.lookups import only

from .models import Service, Tradie

KEEP_SECONDS = 600
# One more whenever what is described changes: while a new version of the product goes out, the old one fills the cache
# as well.
SHAPE = 4
Describe = Callable[[Tradie, list[Service]], dict[str, Any]]


@dataclass(frozen=True)
class Profile:
    """Ready to send: JSON bytes and their ETag."""

    body: bytes
    etag: str


def profile_of(slug: str, describe: Describe) -> Profile:
    """The profile under this slug: what `describe` says of the tradie and their active services. Raises NotFound.

    One who takes no bookings online offers no services, but still has a name and a phone number.

    A cached copy counts only with the version it was read at, so a copy that was filled while a change was being
    made is never used after that change.
    """
    cache = caches["redis"]
    found = cache.get_many([_version_key(slug), _body_key(slug)]) or {}
    version = found.get(_version_key(slug), 0)
    kept = found.get(_body_key(slug))
    if kept and kept[0] == version:
        return Profile(kept[1], kept[2])
    profile = _read(slug, describe)
    cache.set(_body_key(slug), (version, profile.body, profile.etag), KEEP_SECONDS)
    return profile


def forget_profile(tradie: Tradie) -> None:
    """Call inside the transaction of any change of the tradie, their services or their Stripe account."""
    transaction.on_commit(lambda: _raise_version(tradie.slug))


def _raise_version(slug: str) -> None:
    cache = caches["redis"]
    cache.add(_version_key(slug), 0, timeout=None)
    try:
        cache.incr(_version_key(slug))
    except ValueError:  # Redis is away: nothing was kept, or it lapses by itself
        cache.delete(_body_key(slug))


def _version_key(slug: str) -> str:
    return f"profile-version:{slug}"


def _body_key(slug: str) -> str:
    return f"profile-{SHAPE}:{slug}"


def _read(slug: str, describe: Describe) -> Profile:
    tradie = only(Tradie.objects.filter(slug=slug, closed_at=None))
    if tradie is None:
        raise NotFound("We couldn't find that business.")
    services = list(tradie.services.filter(is_active=True)) if tradie.is_open else []
    body = orjson.dumps(describe(tradie, services))
    return Profile(body, etag_of(body))
