"""The zones of a business, as it writes them down."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from accounts.call_out_zones import MOST_EXTRA_MINUTES, MOST_FEE_CENTS, MOST_ZONES, CallOutZone
from accounts.localities import in_postcode, known_postcode
from accounts.models import MOST_KM, Tradie
from accounts.zone_columns import FASTEST_KMH, MOST_SLACK_MINUTES, SLOWEST_KMH
from availability.models import Weekday
from availability.travel import NEAR_KM
from peepopay.forms import DollarsField, WholeForm
from peepopay.money import dollars
from web.dashboard.versions import Versioned

BLANK_ROWS = 1
MOST_POSTCODES = 60  # words, of which each may be a range
POSTCODES = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")


class PostcodesField(forms.Field):
    """`2042, 2050-2060`: gives words such as these, in order, each once."""

    def to_python(self, value: Any) -> tuple[str, ...]:
        text = re.sub(r"\s*[-\u2013]\s*", "-", str(value or ""))
        words = list(dict.fromkeys(re.split(r"[,;\s]+", text.strip()))) if text.strip() else []
        if len(words) > MOST_POSTCODES:
            raise forms.ValidationError(f"At most {MOST_POSTCODES}. Write neighbours as 2040-2050.")
        for word in words:
            self._check(word)
        return tuple(sorted(words))

    def _check(self, word: str) -> None:
        found = POSTCODES.fullmatch(word)
        if not found:
            raise forms.ValidationError("Write postcodes such as 2042, or 2040-2050 for all between.")
        first, last = found.groups()
        if last is None:
            known_postcode(first)
        elif last <= first:
            raise forms.ValidationError(f"{word}: the lower postcode comes first.")
        elif not any(in_postcode(f"{number:04}") for number in range(int(first), int(last) + 1)):
            raise forms.ValidationError(f"There are no postcodes {word}. Please check them.")

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else ", ".join(value or ())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != (data or ""))


class ZonesForm(Versioned, WholeForm):
    """For each row `zone_1_name` and so on; a row without a name is no zone. They are tried in the order of their
    numbers. `zones`: how many rows the page had, which may be others by now than there are zones."""

    zones = forms.IntegerField(min_value=1, max_value=MOST_ZONES, widget=forms.HiddenInput)

    def __init__(self, *args: Any, zones: list[CallOutZone], tradie: Tradie, **options: Any) -> None:
        self.near, self.kept = tradie.area_postcode, zones
        super().__init__(*args, **options)
        self.fields |= self._travel(tradie)
        count = self._sent_rows() or min(len(zones) + BLANK_ROWS, MOST_ZONES)
        self.fields["zones"].initial = count
        blank = [CallOutZone("")] * (count - len(zones))
        self.rows = [*zones, *blank][:count]
        for number, zone in enumerate(self.rows, 1):
            for name, field in self._fields_of(number, zone).items():
                self.fields[f"zone_{number}_{name}"] = field

    def _sent_rows(self) -> int:
        """0: it doesn't say."""
        try:
            sent: int = self.fields["zones"].clean(self.data.get("zones"))
        except forms.ValidationError:
            return 0
        return sent

    def stored(self) -> dict[str, Any]:
        return {"zones": self.kept, "travel": [bound.initial for bound in self.travel()]}

    def has_changed(self) -> bool:
        return super().has_changed() or len(self.kept) > len(self.rows)

    @staticmethod
    def _travel(tradie: Tradie) -> dict[str, forms.Field]:
        return {
            "travel_kmh": forms.IntegerField(
                label="How fast you drive, in km/h",
                help_text="Along a straight line between postcodes, so less than on the road: 30 in a city, 60 in the"
                " country. Empty: drives don’t matter.",  # noqa: RUF001
                required=False,
                initial=tradie.travel_kmh,
                min_value=SLOWEST_KMH,
                max_value=FASTEST_KMH,
            ),
            "travel_slack": forms.IntegerField(
                label="Minutes to spare on each drive",
                initial=tradie.travel_slack_minutes,
                min_value=0,
                max_value=MOST_SLACK_MINUTES,
            ),
            "near_days": forms.BooleanField(
                label="Show customers the days on which you are near them anyway",
                help_text=f"Within {NEAR_KM} km of another job. They see the days, not whose job it is or where.",
                required=False,
                initial=tradie.shows_near_days,
            ),
        }

    def travel(self) -> list[forms.BoundField]:
        return [self["travel_kmh"], self["travel_slack"], self["near_days"]]

    def _fields_of(self, number: int, zone: CallOutZone) -> dict[str, forms.Field]:
        return {
            "name": forms.CharField(
                label="Name",
                help_text="Customers read it beside a fee, such as Blue Mountains. Empty: no zone.",
                max_length=40,
                required=False,
                initial=zone.name,
            ),
            "at": forms.IntegerField(
                label="Tried as number", initial=number, min_value=1, max_value=MOST_ZONES
            ),
            "postcodes": PostcodesField(
                label="Postcodes",
                help_text="Such as 2042, 2050-2060.",
                required=False,
                initial=zone.postcodes,
                widget=forms.Textarea({"rows": 2, "inputmode": "text"}),
            ),
            "km": forms.IntegerField(
                label="Or so many kilometres",
                required=False,
                initial=zone.km or None,
                min_value=1,
                max_value=MOST_KM,
            ),
            "from": forms.CharField(
                label="Around postcode",
                max_length=4,
                required=False,
                initial=zone.measured_from or self.near,
                validators=[known_postcode],
                widget=forms.TextInput({"inputmode": "numeric"}),
            ),
            "fee": DollarsField(label="Call-out fee", required=False, initial=zone.fee_cents),
            "minutes": forms.IntegerField(
                label="Minutes more, before and after",
                initial=zone.extra_minutes,
                min_value=0,
                max_value=MOST_EXTRA_MINUTES,
            ),
            "days": forms.TypedMultipleChoiceField(
                label="Days you go there",
                help_text="None ticked: any day you work.",
                choices=Weekday.choices,
                coerce=int,
                required=False,
                initial=[*zone.weekdays],
                widget=forms.CheckboxSelectMultiple,
            ),
        }

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each row, under its name."""
        return [
            (
                zone.name or "A new zone",
                [self[name] for name in self.fields if name.startswith(f"zone_{number}_")],
            )
            for number, zone in enumerate(self.rows, 1)
        ]

    def _typed(self, number: int) -> dict[str, Any]:
        start = f"zone_{number}_"
        return {
            name.removeprefix(start): value
            for name, value in self.cleaned_data.items()
            if name.startswith(start)
        }

    def clean(self) -> None:
        super().clean()
        names = set()
        for number in range(1, len(self.rows) + 1):
            row = self._typed(number)
            name = row.get("name", "")
            for field, said in self._wrong(row, name):
                self.add_error(f"zone_{number}_{field}", said)
            if name and name.casefold() in names:
                self.add_error(f"zone_{number}_name", "Two zones have this name.")
            names.add(name.casefold())

    def _wrong(self, row: dict[str, Any], name: str) -> list[tuple[str, str]]:
        found = []
        if not name and (row.get("postcodes") or row.get("km") or row.get("fee") or row.get("days")):
            found.append(("name", "Give it a name."))
        if row.get("km") and row.get("from") == "":
            found.append(("from", "Give the postcode in its middle."))
        if row.get("fee", 0) > MOST_FEE_CENTS:
            found.append(("fee", f"At most {dollars(MOST_FEE_CENTS)}."))
        return found

    def chosen(self) -> list[CallOutZone]:
        rows = [row for number in range(1, len(self.rows) + 1) if (row := self._typed(number))["name"]]
        return [
            CallOutZone(
                name=row["name"],
                postcodes=row["postcodes"],
                km=row["km"] or 0,
                measured_from=row["from"] if row["km"] else "",
                fee_cents=row["fee"],
                weekdays=tuple(sorted(row["days"])),
                extra_minutes=row["minutes"],
            )
            for row in sorted(rows, key=lambda row: int(row["at"]))
        ]
