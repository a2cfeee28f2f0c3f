"""The invitation to work in a business. `accounts`, whose it is, lies left of all messages, so it is sent from here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.invitations import is_open, offer_place, token_of
from accounts.models import Invitation, Membership
from accounts.roles import IN_SHORT, Role
from peepopay import local_time
from peepopay.errors import RateLimited

from . import kinds
from .budgets import NoRoom
from .kinds import NoLongerApplies
from .models import Audience, Channel, Message
from .outbox import queue_messages
from .webhooks import alerts as alerts  # registers its kind

KIND = "invitation"
ENOUGH = "We've sent a lot of messages to that address today. Please try again tomorrow."


@transaction.atomic
def invite(by: Membership, *, email: str, role: Role, now: datetime, name: str = "") -> Invitation:
    """Keep a place in the business of `by` and mail the link to it, at most once a day; see `offer_place`, which says
    what it raises. RateLimited too where that address has had enough mail for a day."""
    invitation = offer_place(by.tradie, email=email, role=role, by=by.user, now=now, name=name)
    if invitation.sent_at == now:
        try:
            queue_messages([_message(invitation)], asked_for=True)
        except NoRoom as problem:
            raise RateLimited(ENOUGH) from problem
    return invitation


def _message(invitation: Invitation) -> Message:
    return Message(
        tradie_id=invitation.tradie_id,
        about=invitation.pk,
        kind=KIND,
        audience=Audience.INVITED,
        channel=Channel.EMAIL,
        recipient=invitation.email,
        dedupe_key=f"{invitation.pk}:{KIND}:{invitation.times_sent}",
        facts={"times_sent": invitation.times_sent},
        due_at=invitation.sent_at,
    )


def context_for(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the mail says, as of now. Raises NoLongerApplies for one whose link opens nothing any more."""
    invitation = Invitation.objects.select_related("tradie", "invited_by").filter(pk=message.about).first()
    if invitation is None or not is_open(invitation, now):
        raise NoLongerApplies("The invitation was accepted or withdrawn, or has run out.")
    if message.facts["times_sent"] != invitation.times_sent:
        raise NoLongerApplies("A newer invitation was sent.")
    tradie = invitation.tradie
    business, who = _one_line(tradie.business_name), _one_line(invitation.invited_by.get_full_name())
    return {
        "business": business,
        "accent_colour": tradie.accent_colour,
        "name": _one_line(invitation.name),
        "who": who,
        "email": invitation.email,
        "role": invitation.get_role_display().lower(),
        "in_short": IN_SHORT[Role(invitation.role)],
        "until": local_time.moment(invitation.expires_at, tradie.timezone),
        "zone": local_time.zone_label(invitation.expires_at, tradie.timezone),
        "join_url": settings.SITE_URL + reverse("join", args=[token_of(invitation)]),
        "from_name": f"{business} via PeepoPay",
        "reply_to": invitation.invited_by.email,
    }


def _one_line(text: str) -> str:
    """Without the line breaks that could make one header into two."""
    return " ".join(text.split())


kinds.register(KIND, channels=(Channel.EMAIL,), context_for=context_for)
