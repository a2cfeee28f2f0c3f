"""What people type about who does the jobs."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Service, Tradie, User
from availability.models import Calendar
from peepopay.forms import WholeForm
from web.dashboard.versions import Versioned

LONGEST_NAME = Calendar._meta.get_field("name").max_length
SEEN_BY_CUSTOMERS = "Customers read it in our messages, so a first name or “Van 2” is enough."


class NameForm(WholeForm):
    name = forms.CharField(max_length=LONGEST_NAME, help_text=SEEN_BY_CUSTOMERS)


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person: Any) -> str:
        return str(person.get_full_name())


class AddForm(NameForm):
    """One more; the second also gives the first a name of its own, who was called after the business until now."""

    first_name = forms.CharField(
        label="And who did the jobs until now?",
        max_length=LONGEST_NAME,
        help_text="Your hours, time off and bookings go on under this name.",
    )
    field_order = ("name", "first_name")

    def __init__(self, *args: Any, first: Calendar | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if first:
            self.fields["first_name"].initial = first.name
        else:
            del self.fields["first_name"]


class ChangeForm(Versioned, NameForm):
    worker = PersonField(
        label="Who signs in and does these jobs?",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        help_text="With the role of a worker they then see these jobs and no others.",
    )
    # Which services the page had: of one that was added meanwhile nothing is said.
    offered = forms.ModelMultipleChoiceField(Service.objects.none(), widget=forms.MultipleHiddenInput)
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(),
        label="Does these services",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one. To take no bookings at all, stop it below."},
    )

    def __init__(self, *args: Any, tradie: Tradie, services: list[Service], **options: Any) -> None:
        """`services`: to choose from; none where one calendar does them all."""
        super().__init__(*args, **options)
        people = User.objects.filter(memberships__tradie=tradie).order_by("memberships__created_at")
        self.fields["worker"].queryset = people  # type: ignore[attr-defined]
        for name in ("offered", "services"):
            if services:
                self.fields[name].queryset = tradie.services.all()  # type: ignore[attr-defined]
            else:
                del self.fields[name]
        if services:
            self.fields["services"].choices = [  # type: ignore[attr-defined]
                (service.pk, service.name) for service in services
            ]

    @property
    def does(self) -> dict[Service, bool]:
        """Each service that the page had, and whether it was ticked."""
        ticked = set(self.cleaned_data.get("services", ()))
        return {service: service in ticked for service in self.cleaned_data.get("offered", ())}


class StopForm(forms.Form):
    """What becomes of the bookings of one who takes no more."""

    HAND_OVER, KEEP = "hand_over", "keep"
    bookings = forms.ChoiceField(label="What about these bookings?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, calendar: Calendar, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["bookings"].choices = [  # type: ignore[attr-defined]
            (self.HAND_OVER, "Hand each of them to whoever is free at that time"),
            (self.KEEP, f"{calendar.name} still does them"),
        ]
