"""What a row can't be, said beside the fields that a person has to change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.db import models

from .errors import ValidationFailed

Found = dict[str, list[ValidationError]]


def beside_fields(found: Mapping[str, list[ValidationError]], names: Collection[str]) -> Found:
    """Each refusal of a constraint at the field that its `violation_error_code` names, if that is one of `names`."""
    placed: Found = defaultdict(list)
    for place, errors in found.items():
        for error in errors:
            placed[error.code if error.code and error.code in names else place].append(error)
    return placed


def require_sound_row(row: models.Model) -> None:
    """A row, new or changed, against its columns and the constraints of its table. Raises ValidationFailed."""
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as refusal:
        names = {field.name for field in row._meta.concrete_fields}
        placed = beside_fields(refusal.error_dict, names)
        raise ValidationFailed(
            fields={
                place: [said for error in errors for said in error.messages]
                for place, errors in placed.items()
            }
        ) from None
