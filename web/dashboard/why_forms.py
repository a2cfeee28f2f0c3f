"""The question why a time is not offered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from accounts.localities import known_postcode
from accounts.models import Service, Tradie
from peepopay.forms import DateInput, TimeInput
from peepopay.local_time import zone
from web.dashboard.hours_forms import within_reason


class WhyForm(forms.Form):
    service = forms.ModelChoiceField(Service.objects.none(), empty_label=None)
    date = forms.DateField(widget=DateInput, validators=[within_reason])
    time = forms.TimeField(widget=TimeInput)
    postcode = forms.CharField(
        max_length=4,
        required=False,
        validators=[known_postcode],
        widget=forms.TextInput({"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, tradie: Tradie, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tradie = tradie
        if not (tradie.call_out_zones or tradie.travel_kmh or tradie.area_km):
            del self.fields["postcode"]
        services: Any = self.fields["service"]
        services.queryset = tradie.services.select_related("tradie")

    @property
    def starts_at(self) -> datetime:
        """Of a clock time that comes twice: the first."""
        given = self.cleaned_data
        return datetime.combine(given["date"], given["time"], zone(self.tradie.timezone)).astimezone(UTC)
