"""A booking for somebody who rang, as people of the business type it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from django import forms

from accounts.models import Service, Tradie
from availability.models import Calendar
from bookings.actors import By
from bookings.by_hand import Deposit, JobByHand
from bookings.details import Attempt
from bookings.models import Booking
from bookings.series_rule import Every
from peepopay.errors import ValidationFailed
from peepopay.forms import DateInput, DollarsField, TimeInput, add_refusal
from peepopay.local_time import clock, in_zone, zone
from peepopay.phone import PhoneField

from .address_forms import AddressForm
from .hours_forms import within_reason
from .quotes_forms import CUSTOMER_COLUMNS

MOST_SERVICES = 200
ANOTHER = "another"
NONE_OF_THEM = (ANOTHER, "Another time")
JUST_ONCE = ("once", "Just this once")
NOT_ON_THE_CLOCK = "The clocks change then, so that time doesn't exist. Choose another."
NOT_BOTH = "You chose a free time, too. Empty this, or choose “Another time” above."
FROM_THE_LIST = "Choose one of the free times, or type another."


class NewBookingForm(AddressForm):
    """`free`: the free times of the day that was looked at, as the choices of `start`."""

    field_order = (
        "service",
        "calendar",
        "day",
        "start",
        "other_time",
        "override_reason",
    )  # errors come so, too
    service = forms.TypedChoiceField(label="Service", coerce=UUID)
    calendar = forms.TypedChoiceField(
        label="Who", coerce=UUID, required=False, empty_value=None, help_text="Empty: whoever is free."
    )
    day = forms.DateField(label="Day", widget=DateInput, validators=[within_reason])
    start = forms.ChoiceField(
        label="Free times",
        choices=[NONE_OF_THEM],
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "That time isn’t free any more. Choose another."},  # noqa: RUF001
    )
    other_time = forms.TimeField(
        label="Another time",
        required=False,
        widget=TimeInput,
        help_text="Also outside your hours: then say why below. What is booked already can’t be booked twice.",  # noqa: RUF001
    )
    customer_name = forms.CharField(label="Name", max_length=120)
    customer_phone = PhoneField(label="Mobile or phone")
    customer_email = forms.EmailField(label="Email", max_length=254, required=False)
    notes = forms.CharField(
        label="What they said about the job",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="They can read it on the page of their booking.",
    )
    deposit = forms.ChoiceField(label="Deposit", choices=Deposit.choices, widget=forms.RadioSelect)
    cash_cents = DollarsField(
        label="How much they paid", required=False, help_text="In dollars, for “They paid it in cash”."
    )
    every = forms.ChoiceField(
        label="Repeat",
        required=False,
        choices=[JUST_ONCE, *Every.choices],
        help_text="Before the next ones are booked you see every date.",
    )
    tell_customer = forms.BooleanField(
        label="Tell the customer by text and email, as usual", required=False, initial=True
    )
    override_reason = forms.CharField(
        label="Why against your usual rules",
        max_length=300,
        required=False,
        help_text="Only if it is outside your hours, too soon, too far ahead or a job too many. They don’t see it.",  # noqa: RUF001
    )
    key = forms.UUIDField(widget=forms.HiddenInput)  # however often the button is pressed: one booking

    def __init__(self, *args: Any, tradie: Tradie, crew: list[Calendar], **options: Any) -> None:
        super().__init__(*args, **options)
        self.tradie = tradie
        rows = tradie.services.filter(is_active=True)[:MOST_SERVICES]
        self.services: dict[UUID, Service] = {service.pk: service for service in rows}
        for service in self.services.values():
            service.tradie = tradie
        self._choose("service", [(str(key), service.name) for key, service in self.services.items()])
        if crew:
            named = [(str(calendar.pk), calendar.name) for calendar in crew]
            self._choose("calendar", [("", "Whoever is free"), *named])
        else:
            del self.fields["calendar"]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def offer(self, times: list[datetime]) -> None:
        """The free times of the day, to choose from."""
        local = [in_zone(time, self.tradie.timezone) for time in times]
        offered = [(time.isoformat(), clock(time, self.tradie.timezone)) for time in local]
        self._choose("start", [*offered, NONE_OF_THEM])

    def begin_at(self, at: time) -> None:
        """With that time of the day: one of the free ones, or else typed."""
        said = f"T{at.isoformat()}"
        free = next((key for key, _ in self.fields["start"].choices if said in key), None)  # type: ignore[attr-defined]
        self.initial = {**self.initial, "start": free or ANOTHER, "other_time": None if free else at}

    def looked_at(self) -> tuple[Service | None, date | None, UUID | None]:
        """Which service, day and person the free times are to be of; what can't be read is none."""
        found: dict[str, Any] = {}
        for name in ("service", "day", "calendar"):
            if name in self.fields:
                try:
                    found[name] = self.fields[name].clean(self[name].value())
                except forms.ValidationError:
                    found[name] = None
        return self.services.get(found.get("service")), found.get("day"), found.get("calendar")  # type: ignore[arg-type]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if {"start", "other_time", "day"} & self.errors.keys():
            return given
        free, typed = given.get("start", "").removeprefix(ANOTHER), given.get("other_time")
        if free and typed:
            self.add_error("other_time", NOT_BOTH)
        elif typed:
            given["starts_at"] = self._typed(given["day"], typed)
        elif free:
            given["starts_at"] = datetime.fromisoformat(free)
        else:
            self.add_error("start", FROM_THE_LIST)
        return given

    def _typed(self, day: date, at: Any) -> datetime | None:
        """Of two equal clock times the earlier."""
        local = datetime.combine(day, at, tzinfo=zone(self.tradie.timezone))
        if in_zone(local.astimezone(zone("UTC")), self.tradie.timezone).time() != at:
            self.add_error("other_time", NOT_ON_THE_CLOCK)
            return None
        return local

    def job(self, by: By) -> JobByHand:
        """Of a valid form."""
        given = self.cleaned_data
        return JobByHand(
            service=self.services[given["service"]],
            starts_at=given["starts_at"],
            details=self.details,
            attempt=Attempt(given["key"]),
            deposit=Deposit(given["deposit"]),
            by=by,
            calendar_id=given.get("calendar"),
            cash_cents=given["cash_cents"],
            override_reason=given["override_reason"],
            tell_customer=given["tell_customer"],
        )

    def add_refusal(self, refusal: ValidationFailed) -> None:
        """A time that was typed is wrong where it was typed."""
        at = "other_time" if self.cleaned_data.get("other_time") else "start"
        fields = {at if name == "start" else name: said for name, said in refusal.fields.items()}
        add_refusal(self, ValidationFailed(refusal.message, fields=fields))


def new_booking(
    tradie: Tradie, service: Service | None, today: date, known: Booking | None
) -> dict[str, Any]:
    """What a new form begins with; `known`: a customer, by a booking of theirs."""
    of_them = {name: getattr(known, name) for name in CUSTOMER_COLUMNS} if known else {}
    return {
        "key": uuid4(),
        "address_state": tradie.state,
        "service": str(service.pk) if service else "",
        "day": today,
        "start": ANOTHER,
        "deposit": Deposit.LINK if service and service.deposit_cents else Deposit.WAIVE,
        "tell_customer": True,
        **of_them,
    }
