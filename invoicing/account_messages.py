"""What the people of a business are told of its account: that it was closed, that their file is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import Tradie
from bookings.message_context import one_line
from notifications import kinds
from notifications.kinds import NoLongerApplies
from notifications.models import Audience, Channel, Message
from notifications.outbox import queue_messages, tell_owners
from peepopay import local_time

from .export_models import Export

ACCOUNT_CLOSED, EXPORT_READY = "account_closed", "export_ready"


def tell_closed(tradie: Tradie, *, until: datetime, now: datetime) -> None:
    """The owners, in the caller's transaction: until when it can be opened again, and how."""
    facts, occasion = {"until": until.isoformat()}, f"{tradie.pk}:{now:%Y%m%dT%H%M%S}"
    tell_owners(tradie, ACCOUNT_CLOSED, about=tradie.pk, occasion=occasion, facts=facts, now=now)


def account_closed(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the mail says, as of now. Raises NoLongerApplies."""
    tradie = Tradie.objects.get(pk=message.about)
    if tradie.closed_at is None:
        raise NoLongerApplies("The account was opened again.")
    until = datetime.fromisoformat(message.facts["until"])
    return {**_sender(tradie), "until": local_time.day(until, tradie.timezone), "url": _url("closed")}


def tell_export_ready(export: Export, *, until: datetime, now: datetime) -> None:
    """Whoever asked for the file; the mail leads to the page that hands it out."""
    if export.asked_by is None:
        return
    message = Message(
        tradie_id=export.tradie_id,
        about=export.pk,
        kind=EXPORT_READY,
        audience=Audience.TRADIE,
        channel=Channel.EMAIL,
        recipient=export.asked_by.email,
        dedupe_key=f"{export.pk}:{EXPORT_READY}",
        facts={"until": until.isoformat()},
        due_at=now,
    )
    with transaction.atomic():
        queue_messages([message])


def export_ready(message: Message, *, now: datetime) -> dict[str, Any]:
    """What the mail says, as of now. Raises NoLongerApplies."""
    export = Export.objects.select_related("tradie").filter(pk=message.about).first()
    until = datetime.fromisoformat(message.facts["until"])
    if export is None or until <= now:
        raise NoLongerApplies("The file is gone.")
    tradie = export.tradie
    return {**_sender(tradie), "until": local_time.day(until, tradie.timezone), "url": _url("exports")}


def _sender(tradie: Tradie) -> dict[str, str]:
    return {"business": one_line(tradie.business_name), "accent_colour": tradie.accent_colour}


def _url(name: str) -> str:
    return settings.SITE_URL + reverse(name)


kinds.register(EXPORT_READY, channels=(Channel.EMAIL,), context_for=export_ready)
kinds.register(ACCOUNT_CLOSED, channels=(Channel.EMAIL,), context_for=account_closed)
