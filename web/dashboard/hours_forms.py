"""Hours, special dates, booking rules and time off, as people type them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django import forms
from django.utils import timezone

from accounts.models import Tradie
from availability.hours import BUSINESS_RULES, CALENDAR_RULES
from availability.models import Calendar, Repeats, TimeOff, Weekday
from availability.time_off import ends_by, require_sensible, starts_from
from availability.wall_clock import Span
from peepopay.errors import ValidationFailed
from peepopay.forms import DateInput, TimeInput, WholeForm, WholeModelForm
from peepopay.local_time import in_zone, is_on_the_clock, spoken

from .range_forms import BaseRanges, Ranges, Row, ranges_of
from .versions import Versioned, is_stale

WORKDAYS = range(Weekday.TUESDAY, Weekday.SATURDAY)
SUGGESTED_WEEK: dict[int, list[Span]] = {day: [(7 * 60, 16 * 60)] for day in range(Weekday.SATURDAY)}
SKIPPED = "The clocks go forward that night and skip this time. Choose one an hour later."
EARLIEST, LATEST = date(2020, 1, 1), date(2100, 1, 1)


def within_reason(day: date) -> None:
    """Keeps arithmetic with a date within the calendar."""
    if not EARLIEST <= day <= LATEST:
        raise forms.ValidationError("Choose a date between 2020 and 2100.")


class WeekForm:
    """The rows of all seven days."""

    def __init__(self, days: list[BaseRanges], version: str) -> None:
        """`version`: of what the page was opened with; once it is posted, of what is stored by now."""
        self.days, self.version = days, version
        self.is_stale = False

    @classmethod
    def of(cls, week: Mapping[int, Sequence[Row]], version: str) -> WeekForm:
        return cls([ranges_of(week.get(day, []), f"day{day}", day.label) for day in Weekday], version)

    @classmethod
    def posted(cls, data: Mapping[str, str], stored: Mapping[int, Sequence[Span]], version: str) -> WeekForm:
        form = cls([Ranges(data, prefix=f"day{day}", label=day.label) for day in Weekday], version)
        form.is_stale = is_stale(data, version)
        for weekday, day in enumerate(form.days):
            day.stored = list(stored.get(weekday, ())) if form.is_stale else None
        return form

    @property
    def is_bound(self) -> bool:
        return all(day.is_bound for day in self.days)

    @property
    def is_whole(self) -> bool:
        return all(day.is_whole for day in self.days)

    def after_the_press(self, data: Mapping[str, str]) -> WeekForm:
        """As typed, after a press of add, remove or copy; nothing is judged yet."""
        rows = {weekday: day.after_the_press(data) for weekday, day in enumerate(self.days)}
        for day in Weekday:
            if data.get("copy") == f"day{day}":
                rows |= {to.value: rows[day] for to in Weekday if f"day{day}-to{to}" in data}
        return self.of(rows, data.get("version", self.version))

    @property
    def days_with_copies(self) -> list[tuple[BaseRanges, list[tuple[int, str, bool]]]]:
        """Each day with the others, and whether its hours go there unless somebody says otherwise: Monday's until
        Friday."""
        return [
            (
                self.days[day],
                [
                    (to.value, to.label, day == Weekday.MONDAY and to in WORKDAYS)
                    for to in Weekday
                    if to != day
                ],
            )
            for day in Weekday
        ]

    def is_valid(self) -> bool:
        """A stale page is, unless each day is as stored: then it was pressed twice, perhaps."""
        judged = [day.is_valid() for day in self.days]  # every day, so that all errors show at once
        return all(judged)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong, each with the id of where; of a form that was judged."""
        return [problem for day in self.days for problem in day.problems]

    @property
    def spans(self) -> dict[int, list[Span]]:
        return {weekday: day.spans for weekday, day in enumerate(self.days)}


class DateForm(WholeForm):
    """A date with other hours; its ranges are a formset beside it."""

    CLOSED, OPEN = "closed", "open"
    replaces = False  # other hours that the date had
    date = forms.DateField(widget=DateInput, validators=[within_reason])
    kind = forms.ChoiceField(
        label="On that date",
        choices=[(CLOSED, "I'm closed"), (OPEN, "I work other hours")],
        initial=CLOSED,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        max_length=120, required=False, help_text="Only you see it, such as “RDO” or “Show day”."
    )


NOTICES = (0, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 4320, 10080, 20160)  # minutes


class CalendarRulesForm(Versioned, WholeModelForm):
    slot_step_minutes = forms.TypedChoiceField(
        label="Offer a start every",
        coerce=int,
        choices=[(minutes, f"{minutes} minutes") for minutes in (5, 10, 15, 20, 30, 60)],
    )

    minimum_notice_minutes = forms.TypedChoiceField(
        label="Shortest notice", coerce=int, help_text="Between booking and the start of the job."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        notice: Any = self.fields["minimum_notice_minutes"]
        known = sorted({*NOTICES, self.instance.minimum_notice_minutes})
        notice.choices = [(minutes, spoken(minutes) if minutes else "None") for minutes in known]

    class Meta:
        model = Calendar
        fields = CALENDAR_RULES
        labels = {
            "max_bookings_per_day": "Most bookings a day",
        }
        help_texts = {
            "max_bookings_per_day": "Leave it empty for no limit.",
        }


# As people say them; what a business has besides is shown in days.
HORIZONS = {7: "1 week", 14: "2 weeks", 28: "4 weeks", 42: "6 weeks", 60: "2 months", 90: "3 months"}
HORIZONS |= {120: "4 months", 180: "6 months", 366: "A year"}


class BusinessRulesForm(Versioned, WholeModelForm):
    """Those that hold for everybody in the business."""

    version_field = "business_version"
    horizon_days = forms.TypedChoiceField(
        label="How far ahead", coerce=int, help_text="The last day that customers can book."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = sorted({*HORIZONS, self.instance.horizon_days})
        horizon: Any = self.fields["horizon_days"]
        horizon.choices = [(days, HORIZONS.get(days, spoken(days * 1440))) for days in known]

    class Meta:
        model = Tradie
        fields = BUSINESS_RULES
        labels = {"closed_on_public_holidays": "Closed on public holidays"}
        help_texts = {
            "closed_on_public_holidays": "Those of your state. A special date with hours opens one.",
        }


class TimeOffForm(Versioned, WholeForm):
    """In the tradie's local time. A time left empty means the whole day."""

    starts_on = forms.DateField(label="First day", widget=DateInput, validators=[within_reason])
    starts_time = forms.TimeField(
        label="From", required=False, widget=TimeInput, help_text="Empty: from the start of the day."
    )
    ends_on = forms.DateField(
        label="Last day",
        required=False,
        widget=DateInput,
        validators=[within_reason],
        help_text="Empty: the same day.",
    )
    ends_time = forms.TimeField(
        label="Until", required=False, widget=TimeInput, help_text="Empty: to the end of the day."
    )
    repeats = forms.ChoiceField(choices=Repeats.choices, initial=Repeats.NEVER)
    repeat_until = forms.DateField(
        label="Repeat until",
        required=False,
        widget=DateInput,
        validators=[within_reason],
        help_text="Empty: it goes on.",
    )
    reason = forms.CharField(max_length=120, required=False, help_text="Only you see it.")

    def __init__(self, *args: Any, zone_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone_name = zone_name

    def clean(self) -> None:
        if self.errors:
            return
        given = self.cleaned_data
        if (
            given["repeats"] == Repeats.NEVER
            and given["repeat_until"]
            and "repeat_until" in self.changed_data
        ):
            self.add_error("repeat_until", "It does not repeat. Choose how often it does, or empty this.")
            return
        for name, day in (("starts", given["starts_on"]), ("ends", given["ends_on"] or given["starts_on"])):
            at = given[f"{name}_time"]
            if at and not is_on_the_clock(day, at, self.zone_name):
                self.add_error(f"{name}_time", SKIPPED)
        if self.errors:
            return
        given["starts_at"] = starts_from(given["starts_on"], given["starts_time"], self.zone_name)
        given["ends_at"] = ends_by(given["ends_on"] or given["starts_on"], given["ends_time"], self.zone_name)
        try:
            require_sensible(self.fill(TimeOff()), self.zone_name, now=timezone.now())
        except ValidationFailed as refusal:
            for name, sentences in refusal.fields.items():
                self.add_error("ends_on" if name == "ends_at" else name, sentences)

    def fill(self, block: TimeOff) -> TimeOff:
        """Put what was typed, now valid, into a row."""
        for name in ("starts_at", "ends_at", "repeats", "repeat_until", "reason"):
            setattr(block, name, self.cleaned_data[name])
        return block


def typed(block: TimeOff, zone_name: str) -> dict[str, Any]:
    """A row as the form shows it: whole days without times."""
    starts, ends = in_zone(block.starts_at, zone_name), in_zone(block.ends_at, zone_name)
    at_midnight = not (ends.hour or ends.minute)
    last = ends.date() - timedelta(days=1) if at_midnight else ends.date()
    return {
        "starts_on": starts.date(),
        "starts_time": starts.time() if starts.hour or starts.minute else None,
        "ends_on": last,
        "ends_time": None if at_midnight else ends.time(),
        "repeats": block.repeats,
        "repeat_until": block.repeat_until,
        "reason": block.reason,
    }


class Start(NamedTuple):
    """What the calendar was pressed at: a day, or an hour of it."""

    day: date
    at: time | None


class StartForm(forms.Form):
    """The address of a page that starts at some time: `?start=2027-01-14T09:00` or `?start=2027-01-14`."""

    start = forms.CharField(max_length=16)

    def wanted(self) -> Start | None:
        """None where nothing is said, or nothing that can be used."""
        if not self.is_valid():
            return None
        day, has_time, clock = self.cleaned_data["start"].partition("T")
        try:
            found = Start(date.fromisoformat(day), time.fromisoformat(clock) if has_time else None)
        except ValueError:
            return None
        return found if EARLIEST <= found.day <= LATEST else None


def typed_at(start: Start | None) -> dict[str, Any]:
    """An hour from then on; the whole day without a time."""
    if start is None:
        return {}
    if start.at is None:
        return {"starts_on": start.day}
    ends = datetime.combine(start.day, start.at) + timedelta(hours=1)
    ends_time = ends.time() if ends.date() == start.day else None  # to the end of the day
    return {"starts_on": start.day, "starts_time": start.at, "ends_on": start.day, "ends_time": ends_time}
