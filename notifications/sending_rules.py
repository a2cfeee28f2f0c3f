"""What a business lets us send to its customers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Tradie
from peepopay import task_memory
from peepopay.phone import as_written
from peepopay.written_once import Given, WrittenOnce

from .contact_models import MessageSettings

ABOUT = "Messages to customers"


def settings_of(tradie: Tradie) -> MessageSettings:
    """As stored, or as they are at first. One query."""
    return MessageSettings.objects.filter(tradie=tradie).first() or MessageSettings(tradie=tradie)


def sender_name_of(tradie_id: uuid.UUID) -> str:
    """The registered name that its SMS come from; nothing where it is our number. One query a task."""
    return _settings_by_id(tradie_id).sender_name


def takes_replies(tradie_id: uuid.UUID) -> bool:
    """Whether what its customers text back lands with it: never where its texts come from a name. One query a task."""
    row = _settings_by_id(tradie_id)
    return row.takes_replies and not row.sender_name


def words_of(tradie_id: uuid.UUID, kind: str, channel: str) -> str:
    """What a business says besides in its messages of this kind. One query a task."""
    return str(_settings_by_id(tradie_id).words.get(kind, {}).get(channel, ""))


def _settings_by_id(tradie_id: uuid.UUID) -> MessageSettings:
    def load() -> MessageSettings:
        return _settings_of.only(tradie=tradie_id) or MessageSettings(tradie_id=tradie_id)

    return task_memory.once(("message settings", tradie_id), load)


_settings_of = WrittenOnce(lambda: MessageSettings.objects.filter(tradie=Given("tradie")))


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


@transaction.atomic
def change_words(tradie: Tradie, kind: str, label: str, words: Mapping[str, str]) -> None:
    """What it says besides from now on, by channel; `label`: of the kind, for people."""
    Tradie.objects.select_for_update(no_key=True).get(pk=tradie.pk)
    row = settings_of(tradie)
    said = {channel: text for channel, text in words.items() if text}
    if row.words.get(kind, {}) == said:
        return
    every = {**row.words, kind: said}
    MessageSettings.objects.update_or_create(
        tradie=tradie, defaults={"words": {kind: said for kind, said in every.items() if said}}
    )
    audit.note(tradie.pk, Change.BUSINESS_CHANGED, about=ABOUT, detail=f"own words: {label}")


def _label(name: str) -> str:
    return str(MessageSettings._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value or "none")
