"""The first services of a business, picked from what its trade usually sells."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages as notices
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse

from accounts.models import Membership
from accounts.policy_templates import Trade
from accounts.roles import May
from accounts.starter_services import Starter, made_of, starters_of
from availability import catalogue
from peepopay.errors import ValidationFailed
from peepopay.forms import DollarsField, WholeForm, add_refusal
from peepopay.methods import SHOW_AND_SAVE
from web.dashboard.access import for_members
from web.dashboard.once import made_once
from web.dashboard.setting_up import on_to_the_next, progress
from web.form_pages import form_page, posted

CHOICES = [("", "Any trade"), *Trade.choices]


class StarterForm(WholeForm):
    """A box and a price for each starter of the trade; the first is ticked."""

    def __init__(self, data: Any, trade: str) -> None:
        super().__init__(data)
        self.starters = starters_of(trade)
        self.fields["trade"] = forms.ChoiceField(
            choices=CHOICES, required=False, initial=trade, widget=forms.HiddenInput
        )
        for number, starter in enumerate(self.starters):
            self.fields[f"pick_{number}"] = forms.BooleanField(
                label=starter.name, required=False, initial=not number, help_text=_in_short(starter)
            )
            self.fields[f"price_{number}"] = DollarsField(label="Price", initial=starter.price_cents)

    @property
    def rows(self) -> list[tuple[BoundField, BoundField]]:
        numbers = range(len(self.starters))
        return [(self[f"pick_{number}"], self[f"price_{number}"]) for number in numbers]

    def clean(self) -> None:
        super().clean()
        if not self.errors and not self.picked:
            self.add_error(None, "Tick at least one, or write your own.")

    @property
    def picked(self) -> list[tuple[Starter, int]]:
        """Each with its price in cents."""
        given = self.cleaned_data
        return [
            (starter, given[f"price_{number}"])
            for number, starter in enumerate(self.starters)
            if given[f"pick_{number}"]
        ]


def _in_short(starter: Starter) -> str:
    deposit = f"{starter.deposit_percent}% deposit" if starter.deposit_percent else "no deposit"
    price = ", shown as “from”" if starter.price_from else ""
    return f"{starter.minutes} minutes, {deposit}{price}"


@for_members(May.SERVICES)
@SHOW_AND_SAVE
@made_once
def starter_services(request: HttpRequest, member: Membership) -> HttpResponse:
    """`?trade=`: another than the business's own."""
    tradie = member.tradie
    asked = (request.POST if request.method == "POST" else request.GET).get("trade", tradie.trade)
    trade = asked if asked in Trade.values else ""
    form = StarterForm(posted(request), trade)
    if request.method == "POST" and form.is_valid():
        try:
            for starter, price_cents in form.picked:
                catalogue.add_service(tradie, made_of(starter, tradie, price_cents=price_cents))
        except ValidationFailed as refusal:
            add_refusal(form, refusal)
        else:
            said = "is added" if len(form.picked) == 1 else "are added"
            notices.success(request, f"{', '.join(starter.name for starter, _ in form.picked)} {said}.")
            return on_to_the_next(member)
    context = {"tradie": tradie, "form": form, "trade": trade, "trades": CHOICES, **progress(member)}
    return form_page(request, "accounts/starter_services.html", context, form)
