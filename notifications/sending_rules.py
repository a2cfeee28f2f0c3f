"""What a business lets us send to its customers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from peepopay.phone import as_written

from .contact_models import MessageSettings

ABOUT = "Messages to customers"


def settings_of(tradie: Tradie) -> MessageSettings:
    """As stored, or as they are at first. One query."""
    return MessageSettings.objects.filter(tradie=tradie).first() or MessageSettings(tradie=tradie)


def sender_name_of(tradie_id: uuid.UUID) -> str:
    """The registered name that its SMS come from; nothing where it is our number. One query."""
    found = MessageSettings.objects.filter(tradie=tradie_id).values_list("sender_name", flat=True).first()
    return found or ""


def our_number() -> str:
    """Where SMS come from, as people write it; nothing where the provider takes one of several."""
    return as_written(settings.TWILIO_FROM) if settings.TWILIO_FROM.startswith("+") else ""


@transaction.atomic
def change_settings(tradie: Tradie, changed: MessageSettings, fields: Sequence[str]) -> None:
    """Save these validated fields, and note what is different."""
    Tradie.objects.select_for_update(no_key=True).get(pk=tradie.pk)
    before = settings_of(tradie)
    said = "; ".join(
        f"{_label(name)}: {_said(getattr(changed, name))}"
        for name in fields
        if getattr(before, name) != getattr(changed, name)
    )
    if not said:
        return
    values = {name: getattr(changed, name) for name in fields}
    MessageSettings.objects.update_or_create(tradie=tradie, defaults=values)
    audit.note(tradie.pk, Change.BUSINESS_CHANGED, about=ABOUT, detail=said)


def _label(name: str) -> str:
    return str(MessageSettings._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value or "none")
