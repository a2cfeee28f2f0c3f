"""Two people change one thing: who saves last is shown what the other saved, instead of putting the old back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import wraps
from typing import Any

from django import forms
from django.db import transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property

from accounts.models import Membership, Tradie
from availability.calendars import lock_calendars
from web.dashboard.access import View

FIELD = "version"
CHANGED_ELSEWHERE = (
    "Somebody changed this after you opened the page. Nothing is saved yet: what differs is marked below. Save again"
    " to keep what you see here."
)


def one_at_a_time(view: View) -> View:
    """Put it below everything that may refuse the request. What the view reads stays so until it has answered: the
    form's version is judged, and what it says is saved, under the locks of the business and its calendars. Such a view
    asks no other machine, or everybody would wait for that."""

    @wraps(view)
    def alone(request: HttpRequest, member: Membership, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, member, *args, **kwargs)
        with transaction.atomic():
            lock_calendars(member.tradie_id)
            member.tradie.refresh_from_db(from_queryset=Tradie.objects.select_for_update(no_key=True))
            return view(request, member, *args, **kwargs)

    return alone


def version_of(stored: Any) -> str:
    """Short, and another for whatever differs."""
    return hashlib.sha256(repr(stored).encode()).hexdigest()[:16]


def is_stale(data: Mapping[str, Any], version: str, field: str = FIELD) -> bool:
    """Whether the page was opened at another version. One that names none wasn't opened at this one."""
    return data.get(field) != version


class Versioned(forms.BaseForm):
    """A form whose page carries the version of what it shows (`_version.html`), beside those of `WholePages`."""

    version_field = FIELD
    is_new = False  # of what is being made there is no other version

    @cached_property
    def version(self) -> str:
        """Looked at before anything typed gets into the row. A page that was filled in anew keeps the one it had."""
        return self.initial.get(self.version_field) or version_of(self.stored())

    def stored(self) -> dict[str, Any]:
        if isinstance(self, forms.BaseModelForm):
            return model_to_dict(self.instance, self._meta.fields)
        return {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}

    def _clean_form(self) -> None:
        super()._clean_form()  # type: ignore[misc]
        if self.is_new or not is_stale(self.data, self.version, self.version_field) or not self.has_changed():
            return  # nothing was to be put back: it was pressed twice, perhaps
        self.add_error(None, CHANGED_ELSEWHERE)
        for bound in self.visible_fields():
            if bound.name in self.changed_data and bound.name not in self.errors:
                self.add_error(bound.name, f"Saved elsewhere: {told(bound)}")


def told(bound: forms.BoundField) -> str:
    """What is stored, as people read it: `$120`, `On`, `A fixed amount`, or `nothing`."""
    value = bound.initial
    if isinstance(value, bool) and isinstance(bound.field, forms.BooleanField):
        return "on" if value else "off"
    if choices := getattr(bound.field, "choices", None):
        values = {str(one) for one in (value if isinstance(value, list | tuple) else [value])}
        return ", ".join(str(label) for key, label in choices if str(key) in values) or "nothing"
    shown = bound.field.widget.format_value(bound.field.prepare_value(value))
    return f"“{shown}”" if shown not in (None, "") else "nothing"
