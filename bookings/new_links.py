"""A new link to a booking, for somebody whose link is old or came into other hands: it goes by mail to the address of
the booking and nowhere else, and all that opened it before opens it no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.models import Message
from peepopay.derived_tokens import hash_of
from peepopay.errors import BookingNotChangeable, CallInstead

from . import messages
from .actors import CUSTOMER
from .lifecycle import record
from .limits import too_many_messages
from .message_kinds import LINK
from .models import HELD, Booking, EventKind, FormerToken, Status
from .tokens import new_token

NEVER_TOLD = (*HELD, Status.EXPIRED)  # nothing is mailed to an address before a deposit is paid
BETWEEN = timedelta(minutes=10)
A_DAY = timedelta(days=1)
MOST_A_DAY = 3


def may_have_new_link(booking: Booking) -> bool:
    return booking.status not in NEVER_TOLD and booking.erased_at is None


@transaction.atomic
def renew_link(booking: Booking, *, now: datetime) -> None:
    """End the link that `booking` carries, and mail a new one.

    Raises BookingNotChangeable where nothing may be mailed, or it was replaced meanwhile, CallInstead where that was
    asked too often today.
    """
    locked = _locked(booking)
    if locked.token_hash != booking.token_hash or not may_have_new_link(locked):
        raise BookingNotChangeable
    if settings.RATE_LIMITS and _sent(locked, since=now - A_DAY) >= MOST_A_DAY:
        raise too_many_messages(locked.tradie)
    FormerToken.objects.create(token_hash=locked.token_hash, booking=locked)
    locked.token_number += 1
    locked.token_hash = hash_of(new_token(locked.pk, locked.token_number))
    locked.save(update_fields=["token_number", "token_hash"])
    record(locked, EventKind.LINK_RENEWED, by=CUSTOMER, now=now)
    messages.tell_link(locked, now=now)


def mail_link_again(booking: Booking, *, now: datetime) -> bool:
    """For somebody who has only a link that was replaced. False: it was mailed minutes ago, or often enough today."""
    with transaction.atomic():
        locked = _locked(booking)
        recently = _sent(locked, since=now - BETWEEN) or _sent(locked, since=now - A_DAY) >= MOST_A_DAY
        if recently or not may_have_new_link(locked):
            return False
        try:
            messages.tell_link(locked, now=now)
        except CallInstead:
            return False
    return True


def _locked(booking: Booking) -> Booking:
    rows = Booking.objects.select_for_update(no_key=True, of=("self",)).select_related("tradie", "calendar")
    return rows.get(pk=booking.pk)


def _sent(booking: Booking, *, since: datetime) -> int:
    mails = Message.objects.filter(about=booking.pk, kind=LINK, created_at__gt=since)
    return mails.values("dedupe_key").distinct().count()
