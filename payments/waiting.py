"""Who waits says no to a time that is held for them, or waits no longer: the time is free again at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from bookings.models import HELD, Waiter
from bookings.waitlist import let_go
from peepopay.errors import BookingNotChangeable

from . import expiry

CHECKING = "We're just checking whether your payment went through. Please look again in a minute."


def pass_up(waiter: Waiter, *, now: datetime) -> None:
    """It doesn't suit: they wait on, and the next one is asked. Raises BookingNotChangeable where they have paid after
    all, or Stripe can't be asked just now."""
    held = waiter.offer
    if held and held.status in HELD and not expiry.expire_hold(held, now=now):
        raise BookingNotChangeable(CHECKING)


def leave(waiter: Waiter, *, now: datetime) -> None:
    """Off the list. Raises what `pass_up` does."""
    pass_up(waiter, now=now)
    let_go(Waiter.objects.filter(pk=waiter.pk))


@transaction.atomic
def _gone(waiter: Waiter) -> None:
    let_go(Waiter.objects.filter(pk=waiter.pk))
    audit.note(waiter.tradie_id, Change.WAITLIST_CHANGED, detail="removed one")


def remove(waiter: Waiter, *, now: datetime) -> None:
    """The business takes them off. Raises what `pass_up` does."""
    pass_up(waiter, now=now)
    _gone(waiter)
