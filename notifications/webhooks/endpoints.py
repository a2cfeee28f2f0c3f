"""Where a business wants to be told, and the secret that it checks our signature with.

A secret is derived from our own, the endpoint and a number, so that no table holds it: what is kept is a hash, which
finds it again after our own secret was changed (`SECRET_KEY_FALLBACKS`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import OuterRef, QuerySet

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from accounts.people import lock_business
from peepopay import derived_tokens, outbox
from peepopay.derived_tokens import as_key, hash_of
from peepopay.errors import ValidationFailed

from ..models import WebhookDelivery, WebhookEndpoint
from .signing import PREFIX

PURPOSE = "notifications.webhook_endpoint"
MOST_ENDPOINTS = 10  # of a business
FORMER_SECRET_HOLDS = timedelta(hours=24)
MANY = f"{MOST_ENDPOINTS} addresses are the most. Remove one that you don't need any more."
TWICE = "You are told at that address already."
SWITCHED_OFF = "Switched off: nothing was delivered for too long."


def running(tradie_id: uuid.UUID | OuterRef) -> QuerySet[WebhookEndpoint]:
    """Those that are told."""
    rows = WebhookEndpoint.objects.filter(tradie_id=tradie_id, tradie__closed_at=None)
    return rows.filter(switched_off_at__isnull=True)


@transaction.atomic
def add_endpoint(
    tradie: Tradie, *, url: str, event_types: Sequence[str], now: datetime, description: str = ""
) -> WebhookEndpoint:
    """`url` as `peepopay.outbound.clean_url` gives it. Raises ValidationFailed."""
    lock_business(tradie.pk)
    _require_another(tradie, url)
    if tradie.webhook_endpoints.count() >= MOST_ENDPOINTS:
        raise ValidationFailed(MANY)
    endpoint = WebhookEndpoint(
        tradie=tradie, url=url, event_types=list(event_types), description=description, created_at=now
    )
    endpoint.secret_hash = hash_of(derived_tokens.new_token(PURPOSE, _subject(endpoint), as_key))
    endpoint.save(force_insert=True)
    _note(endpoint, Change.WEBHOOK_ADDED)
    return endpoint


@transaction.atomic
def change_endpoint(
    endpoint: WebhookEndpoint, *, url: str, event_types: Sequence[str], description: str
) -> None:
    """Another address begins anew: what the one before owes is not held against it. Raises ValidationFailed."""
    lock_business(endpoint.tradie_id)
    if url != endpoint.url:
        _require_another(endpoint.tradie, url)
        _begin_anew(endpoint)
    endpoint.url, endpoint.event_types, endpoint.description = url, list(event_types), description
    endpoint.save(update_fields=["url", "event_types", "description"])
    _note(endpoint, Change.WEBHOOK_CHANGED)


def _require_another(tradie: Tradie, url: str) -> None:
    if tradie.webhook_endpoints.filter(url=url).exists():
        raise ValidationFailed(fields={"url": [TWICE]})


@transaction.atomic
def remove_endpoint(endpoint: WebhookEndpoint) -> None:
    """With its log; what was on its way is not sent any more."""
    _note(endpoint, Change.WEBHOOK_REMOVED)
    endpoint.delete()


def _note(endpoint: WebhookEndpoint, change: Change) -> None:
    """By the host alone: the rest of an address is often a secret."""
    audit.note(endpoint.tradie_id, change, about=urlsplit(endpoint.url).hostname or "")


@transaction.atomic
def switch_on(endpoint: WebhookEndpoint) -> bool:
    """Told again of what happens from now on. False: it is on."""
    lock_business(endpoint.tradie_id)
    off = WebhookEndpoint.objects.filter(pk=endpoint.pk, switched_off_at__isnull=False)
    if not off.update(switched_off_at=None, switched_off_because=""):
        return False
    _begin_anew(endpoint)
    _note(endpoint, Change.WEBHOOK_ON)
    return True


@transaction.atomic
def switch_off(endpoint: WebhookEndpoint, *, because: str, now: datetime) -> bool:
    """Nothing more is sent there, nor what is waiting. False: it is off."""
    on = WebhookEndpoint.objects.filter(pk=endpoint.pk, switched_off_at__isnull=True)
    if not on.update(switched_off_at=now, switched_off_because=because[:200]):
        return False
    waiting = outbox.open_rows(WebhookDelivery).filter(endpoint=endpoint, running_since__isnull=True)
    waiting.update(done_at=now, problem=SWITCHED_OFF)
    _note(endpoint, Change.WEBHOOK_OFF)
    return True


def _begin_anew(endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failures=0, failing_since=None, paused_until=None)


@transaction.atomic
def change_secret(endpoint: WebhookEndpoint, *, instead_of: int, now: datetime) -> bool:
    """A new one; the one before still signs too for a day, so that nothing is refused meanwhile.

    `instead_of`: the number of the secret that is to go. False: it went already, so that pressing twice is once.
    """
    lock_business(endpoint.tradie_id)
    endpoint.refresh_from_db()
    if endpoint.secret_number != instead_of:
        return False
    endpoint.former_secret_hash = endpoint.secret_hash
    endpoint.former_secret_until = now + FORMER_SECRET_HOLDS
    endpoint.secret_number += 1
    endpoint.secret_hash = hash_of(derived_tokens.new_token(PURPOSE, _subject(endpoint), as_key))
    endpoint.save(update_fields=["secret_number", "secret_hash", "former_secret_hash", "former_secret_until"])
    _note(endpoint, Change.WEBHOOK_SECRET)
    return True


def secret_of(endpoint: WebhookEndpoint) -> str:
    """`whsec_...`. Raises LookupError where no secret key of ours gives it."""
    return PREFIX + derived_tokens.token_with(endpoint.secret_hash, PURPOSE, _subject(endpoint), as_key)


def secrets_that_sign(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """The newest first. Raises LookupError."""
    found = [secret_of(endpoint)]
    if endpoint.former_secret_hash and endpoint.former_secret_until and now < endpoint.former_secret_until:
        about = _subject(endpoint, endpoint.secret_number - 1)
        found.append(PREFIX + derived_tokens.token_with(endpoint.former_secret_hash, PURPOSE, about, as_key))
    return found


def _subject(endpoint: WebhookEndpoint, number: int | None = None) -> str:
    return f"{endpoint.pk}:{number or endpoint.secret_number}"
