"""API keys: making, finding, revoking. `docs/api-keys.md` describes them to those who use them.

A key is derived from our own secret and its row's id, so that it can be shown once and lies in no table or session:
what is kept is a hash, which an index finds. There is nothing to compare that would take longer the nearer a guess is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from peepopay import derived_tokens
from peepopay.derived_tokens import LONGEST_TOKEN, hash_of
from peepopay.errors import ValidationFailed
from peepopay.lookups import only

from . import audit
from .audit_models import Change
from .key_models import ApiKey, Scope
from .models import Membership, Tradie
from .people import lock_business
from .roles import ROLES_THAT_MAY, May

PREFIX = "ppk_"
PURPOSE = "accounts.api_key"
MOST_KEYS = 20  # of a business
NOTED_EVERY = timedelta(minutes=1)
TWICE = "There is a key of that name. If you have just made it, it's under Connections; each program needs its own."
MANY = f"{MOST_KEYS} keys are the most. Revoke one that you don't need any more."


def keys_of(tradie: Tradie) -> QuerySet[ApiKey]:
    """Those of a business that nobody revoked, the newest last; with whoever made them."""
    rows = ApiKey.objects.filter(member__tradie=tradie, revoked_at__isnull=True)
    return rows.select_related("member__user")


@transaction.atomic
def make_key(
    member: Membership, *, name: str, scopes: Sequence[str], now: datetime, expires_at: datetime | None = None
) -> ApiKey:
    """In the name of an owner. Names differ, so that whoever sends the form twice gets one key. Raises
    ValidationFailed."""
    lock_business(member.tradie_id)
    names = [key.name.casefold() for key in keys_of(member.tradie)]
    if name.casefold() in names:
        raise ValidationFailed(fields={"name": [TWICE]})
    if len(names) >= MOST_KEYS:
        raise ValidationFailed(MANY)
    key = ApiKey(
        member=member,
        name=name,
        scopes=[scope for scope in Scope.values if scope in scopes],
        created_at=now,
        expires_at=expires_at,
    )
    key.key_hash = hash_of(derived_tokens.new_token(PURPOSE, str(key.pk)))
    key.save(force_insert=True)
    audit.note(member.tradie_id, Change.KEY_MADE, about=name, detail=", ".join(key.scopes))
    return key


def secret_of(key: ApiKey) -> str:
    """`ppk_...`. Raises LookupError where no secret key of ours gives it."""
    return PREFIX + derived_tokens.token_with(key.key_hash, PURPOSE, str(key.pk))


@transaction.atomic
def revoke_key(key: ApiKey, *, now: datetime) -> bool:
    """It opens nothing from the next request on. False: it was revoked before."""
    if not ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now):
        return False
    audit.note(key.member.tradie_id, Change.KEY_REVOKED, about=key.name)
    return True


def working_key(secret: str, *, now: datetime) -> ApiKey | None:
    """The key, with its maker and their business, as long as it works: not revoked, not expired, and its maker is still
    somebody who may connect systems. One query."""
    if not secret.startswith(PREFIX) or len(secret) > LONGEST_TOKEN:
        return None
    rows = ApiKey.objects.select_related("member__user", "member__tradie").filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now),
        key_hash=hash_of(secret.removeprefix(PREFIX)),
        revoked_at__isnull=True,
        member__role__in=ROLES_THAT_MAY[May.CONNECTIONS],
        member__user__is_active=True,
        member__tradie__closed_at=None,
    )
    return only(rows)


def note_use(key: ApiKey, *, now: datetime) -> None:
    """At most one write a minute, however often it is used."""
    if key.last_used_at and key.last_used_at > now - NOTED_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
