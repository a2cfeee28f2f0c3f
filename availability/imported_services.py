"""Services that a business brings along from somewhere else: new ones at the end of the list, those of a known name
changed where the file says otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import Service, Tradie
from accounts.policy_columns import POLICY_FIELDS, LateFeeKind
from accounts.questions import LONGEST_CHOICE, LONGEST_QUESTION, MOST_CHOICES, MOST_QUESTIONS, QuestionRow
from accounts.service_rules import DepositIs, DepositKind
from peepopay.as_typed import cents_in, is_so, minutes_in
from peepopay.errors import ValidationFailed
from peepopay.sheets import Outcome, Row, What

from .catalogue import add_service, change_service

NO_NAME = "It has no name."
LONG_NAME = "Its name has more than 120 letters."
TWICE = "Row {line} has a service of that name already."
NO_LENGTH = "It doesn't say how long the job takes."
UNKNOWN = "“{text}” isn't anything that we know for “{name}”."
NO_NUMBER = "“{text}” isn't a number that can be used for “{name}”."
MOST_OF_A_NUMBER = 32_767


def bring_services(tradie: Tradie, rows: Sequence[Row]) -> list[Outcome]:
    """In the caller's transaction; what becomes of each row, in their order. The same rows again change nothing."""
    known = {service.name.casefold(): service for service in tradie.services.all()}
    lines: dict[str, int] = {}
    outcomes = []
    for row in rows:
        name = " ".join(row.get("name").split())
        key = name.casefold()
        try:
            if key in lines:
                raise ValueError(TWICE.format(line=lines[key]))
            what, says = _take(tradie, known.get(key), name, row)
            lines[key] = row.line
        except ValueError as problem:
            what, says = What.REFUSED, str(problem)
        except ValidationFailed as refusal:
            said = [sentence for sentences in refusal.fields.values() for sentence in sentences]
            what, says = What.REFUSED, " ".join(said or [refusal.message])
        outcomes.append(Outcome(row.line, what, name or "(no name)", says))
    return outcomes


def _take(tradie: Tradie, known: Service | None, name: str, row: Row) -> tuple[What, str]:
    """Raises ValueError and ValidationFailed with sentences."""
    if not name:
        raise ValueError(NO_NAME)
    if len(name) > 120:
        raise ValueError(LONG_NAME)
    columns = _columns(row)
    if known is None:
        if "duration_minutes" not in columns:
            raise ValueError(NO_LENGTH)
        service = Service(tradie=tradie, **{"follows_business_policy": True, **columns, "name": name})
        _require_sense(service)
        with transaction.atomic():
            add_service(tradie, service)
        return What.NEW, ""
    before = Service.objects.get(pk=known.pk)
    is_active = columns.pop("is_active", before.is_active)
    for column, value in columns.items():
        setattr(known, column, value)
    said = audit.difference(before, known, columns)
    if is_active != before.is_active:
        said = "; ".join(filter(None, (said, "on offer again" if is_active else "not on offer any more")))
    if not said:
        return What.SAME, ""
    _require_sense(known)
    with transaction.atomic():
        change_service(tradie, known, is_active=is_active)
    return What.CHANGED, said[:1].upper() + said[1:]


def _require_sense(service: Service) -> None:
    try:
        service.validate_constraints(exclude={"tradie"})
    except ValidationError as problem:
        raise ValueError(" ".join(problem.messages)) from None


def _columns(row: Row) -> dict[str, Any]:
    """Of what the row says, as our columns."""
    found: dict[str, Any] = {}
    for name, (column, read) in READ.items():
        if text := row.get(name):
            found[column] = read(name, text)
    return found


def _text(most: int) -> Callable[[str, str], str]:
    return lambda name, text: text[:most]


def _one_of(values: Sequence[str]) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in values:
            raise ValueError(UNKNOWN.format(text=text[:40], name=name.replace("_", " ")))
        return text

    return read


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= MOST_OF_A_NUMBER):
        raise ValueError(NO_NUMBER.format(text=text[:40], name=name.replace("_", " ")))
    return int(text)


def _minutes(name: str, text: str) -> int:
    return _number(name, str(minutes_in(text)))


def questions_in(name: str, text: str) -> list[QuestionRow]:
    """Only what could have been made here."""
    try:
        rows = json.loads(text)
        asked = [
            QuestionRow(
                id=str(row["id"])[:40],
                label=str(row["label"])[:LONGEST_QUESTION],
                required=bool(row.get("required")),
                choices=[str(choice)[:LONGEST_CHOICE] for choice in row.get("choices", ())][:MOST_CHOICES],
                photo=bool(row.get("photo")),
            )
            for row in rows
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError(UNKNOWN.format(text=text[:40], name=name)) from None
    return asked[:MOST_QUESTIONS]


def _cents(name: str, text: str) -> int:
    return cents_in(text)


def _yes(name: str, text: str) -> bool:
    return is_so(text)


READ: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "description": ("description", _text(2_000)),
    "duration_minutes": ("duration_minutes", _minutes),
    "buffer_before_minutes": ("buffer_before_minutes", _minutes),
    "buffer_after_minutes": ("buffer_after_minutes", _minutes),
    "arrival_window_minutes": ("arrival_window_minutes", _minutes),
    "price": ("price_cents", _cents),
    "price_from": ("price_from", _yes),
    "deposit_kind": ("deposit_kind", _one_of(DepositKind.values)),
    "deposit_fixed": ("deposit_fixed_cents", _cents),
    "deposit_percent": ("deposit_percent", _number),
    "deposit_is": ("deposit_is", _one_of(DepositIs.values)),
    "requires_approval": ("requires_approval", _yes),
    "questions": ("questions", questions_in),
    "follows_business_policy": ("follows_business_policy", _yes),
    "is_residential_building": ("is_residential_building", _yes),
    "cap_override_reason": ("cap_override_reason", _text(300)),
    "is_active": ("is_active", _yes),
}
for _field in POLICY_FIELDS:
    _name = _field.removesuffix("_cents")
    READ[_name] = (_field, _cents if _field.endswith("_cents") else _number)
READ["late_fee_kind"] = ("late_fee_kind", _one_of(LateFeeKind.values))
READ["no_show_card_required"] = ("no_show_card_required", _yes)
