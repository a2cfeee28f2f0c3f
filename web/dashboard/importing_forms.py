"""A file to bring in, and what its columns are."""

from __future__ import annotations

from typing import Any

from django import forms

from invoicing.importing.headings import FIELDS, Kind
from invoicing.models import BroughtFile
from peepopay.forms import WholeForm

ACCEPTED = ".csv,.txt,.tsv,.ics,.zip,text/csv,text/calendar,application/zip"
MOST_SERVICES = 200
LONGEST_EXAMPLE = 40
KEEP = "keep"


class FileForm(forms.Form):
    file = forms.FileField(
        label="File",
        error_messages={
            "required": "Please choose a file first.",
            "empty": "That file is empty.",
            "max_length": "That file's name is too long. Give it a shorter one.",
        },
        help_text="CSV, calendar (.ics) or our own ZIP file, up to 8 MB.",
        widget=forms.FileInput({"accept": ACCEPTED}),
        max_length=200,
    )


class ChoicesForm(WholeForm):
    """Of a table with headings of its own: what it has, and what each column is. With jobs: the service of those that
    name none of ours."""

    kind = forms.ChoiceField(label="What is in it?", choices=Kind.choices)
    service = forms.ChoiceField(label="Service of jobs that name none of yours", required=False)
    others = forms.ChoiceField(
        label="What lacks what a job needs, such as a phone number",
        choices=[("", "Leave it out"), (KEEP, "Keep its time free, as time off")],
        required=False,
    )

    def __init__(self, data: Any = None, *, file: BroughtFile) -> None:
        super().__init__(data)
        self.services = {str(service.pk): service for service in file.tradie.services.all()[:MOST_SERVICES]}
        sheet = (
            file.sheets[0] if file.sheets else {"kind": Kind.JOBS, "headings": [], "columns": [], "rows": []}
        )
        self.columns: list[str] = []
        self.fields["kind"].initial = sheet["kind"]
        if len(file.sheets) == 1 and sheet["headings"]:
            self._ask_of_columns(sheet)
        else:
            del self.fields["kind"]
        if any(one["kind"] == Kind.JOBS for one in file.sheets):
            named = [(key, service.name) for key, service in self.services.items()]
            self.fields["service"].choices = [("", "Leave those out"), *named]  # type: ignore[attr-defined]
            self.fields["service"].initial = str(file.usual_service_id or "")
            self.fields["others"].initial = KEEP if file.keeps_other_times else ""
        else:
            del self.fields["service"], self.fields["others"]

    def _ask_of_columns(self, sheet: dict[str, Any]) -> None:
        choices = [("", "Not needed"), *FIELDS[Kind(sheet["kind"])].items()]
        own = {name for name in sheet["columns"] if name and name not in dict(choices)}
        first = sheet["rows"][0][1] if sheet["rows"] else []
        for number, heading in enumerate(sheet["headings"]):
            name, cell = f"column-{number}", first[number] if number < len(first) else ""
            of_ours = [(one, heading) for one in own if one == sheet["columns"][number]]
            self.fields[name] = forms.ChoiceField(
                label=heading[:80] or f"Column {number + 1}",
                choices=[*choices, *of_ours],
                required=False,
                initial=sheet["columns"][number],
                help_text=f"Such as “{cell[:LONGEST_EXAMPLE]}”." if cell else "",
            )
            self.columns.append(name)

    def column_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.columns]

    def chosen(self) -> dict[str, Any]:
        """Of a valid form, as `bringing.choose` takes it."""
        given = self.cleaned_data
        return {
            "kind": Kind(given.get("kind") or Kind.JOBS),
            "columns": [given[name] for name in self.columns],
            "usual_service": self.services.get(given.get("service", "")),
            "keeps_other_times": given.get("others") == KEEP,
        }
