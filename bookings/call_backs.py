"""Who can't or won't book online leaves a number; the business is told, and it waits on Today until somebody called.

Anybody may do that, so it is counted: for a number, for a business, and by the doors for an address.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.logos import looks_of
from accounts.models import Membership, Tradie
from notifications import kinds
from notifications.budgets import key_of
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message, News
from notifications.outbox import queue_messages
from notifications.sms_text import LONGEST, gsm, short_name
from peepopay import sweeps
from peepopay.errors import CallInstead, NotFound
from peepopay.lookups import only
from peepopay.phone import as_written
from peepopay.throttling import count_try

from . import news
from .call_back_models import CallBack
from .message_context import one_line

KIND = "call_back_tradie"
A_DAY = timedelta(days=1)
MOST_OF_A_NUMBER = 3  # a day, at all businesses
MOST_OF_A_BUSINESS = 50  # a day
MOST_BY_SMS = 5  # a day to one business; the others by mail
KEPT = timedelta(days=90)


def who_calls(slug: str) -> Tradie:
    """The business under this slug, also one that takes no bookings online. Raises NotFound."""
    tradie = only(Tradie.objects.filter(slug=slug, closed_at=None))
    if tradie is None:
        raise NotFound("We couldn't find that business.")
    return tradie


@transaction.atomic
def ask_for_call_back(tradie: Tradie, *, name: str, phone: str, about: str, now: datetime) -> bool:
    """`phone` is E.164. False: this number waits for a call of theirs already. Raises CallInstead after several."""
    made, is_new = CallBack.objects.get_or_create(
        tradie=tradie,
        phone=phone,
        called_at=None,
        defaults={"name": name, "about": about, "created_at": now},
    )
    if is_new:
        _tell(made, by_sms=_count(made, now) <= MOST_BY_SMS, now=now)
    return is_new


def _count(made: CallBack, now: datetime) -> int:
    """How many this business had today. Raises CallInstead."""
    of_number = count_try(key_of("call-back", Channel.SMS, made.phone), window=A_DAY, now=now)
    of_business = count_try(f"call-back business:{made.tradie_id}", window=A_DAY, now=now)
    if settings.RATE_LIMITS and (of_number > MOST_OF_A_NUMBER or of_business > MOST_OF_A_BUSINESS):
        raise CallInstead(
            f"Please call {as_written(made.tradie.phone)}: too many have asked for a call today."
        )
    return of_business


def waiting(tradie: Tradie) -> Any:
    """Those that nobody has called yet, the longest first. To be bounded by the caller."""
    return tradie.call_backs.filter(called_at=None)


def note_called(call_back: CallBack, *, by: Membership, now: datetime) -> bool:
    """False: somebody did before."""
    still = CallBack.objects.filter(pk=call_back.pk, called_at=None)
    return bool(still.update(called_at=now, called_by=by.user))


def forget_old(*, now: datetime) -> int:
    """Called or not, after so long nobody waits any more."""
    return sweeps.forget(CallBack.objects.filter(created_at__lt=now - KEPT))


def forget_number(tradie_id: uuid.UUID, values: list[str]) -> None:
    """Nobody is called on one of these any more: their details are erased."""
    CallBack.objects.filter(tradie=tradie_id, phone__in=values).delete()


def _tell(made: CallBack, *, by_sms: bool, now: datetime) -> None:
    queue_messages(
        [
            Message(
                tradie_id=made.tradie_id,
                about=made.pk,
                kind=KIND,
                audience=Audience.TRADIE,
                channel=reader.channel,
                recipient=reader.address,
                dedupe_key=f"{made.pk}:{KIND}:{reader.channel}{reader.key}",
                due_at=now,
            )
            for reader in news.readers_of_business(made.tradie, News.CALL)
            if by_sms or reader.channel != Channel.SMS
        ]
    )


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the message says, as of now. Raises NoLongerApplies."""
    made = only(CallBack.objects.select_related("tradie").filter(pk=message.about))
    if made is None or made.called_at:
        raise NoLongerApplies("Somebody has called them.")
    phone, today = as_written(made.phone), settings.SITE_URL + reverse("dashboard_today")
    name = short_name(made.name, instead="Somebody")
    room = LONGEST - len(gsm(f"Please call {name}: {phone}.  {today}"))
    return {
        "business": one_line(made.tradie.business_name),
        **looks_of(made.tradie),
        "customer": one_line(made.name),
        "customer_short": name,
        "phone": phone,
        "tel": made.phone,
        "about": made.about,
        "about_short": short_name(made.about, longest=room, instead="") if room > len("so so") else "",
        "dashboard_url": today,
        "is_urgent": True,
    }


kinds.register(KIND, channels=(Channel.EMAIL, Channel.SMS, Channel.PUSH), context_for=context_for)
