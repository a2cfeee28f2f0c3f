"""By which rules a deposit is higher, as the business sets them."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.deposit_rules import DepositRule, RuleKind
from accounts.localities import known_postcode
from peepopay.forms import DollarsField, WholeForm
from web.dashboard.versions import Versioned

# From what on a rule is met, where that can be chosen: its label, how it starts, and the most.
FROM = {
    RuleKind.MISSED: ("From how many missed jobs on", 1, 20),
    RuleKind.FAR: ("From how many kilometres on", 40, 5_000),
    RuleKind.SOON: ("Within how many hours", 24, 720),
}
MOST_PERCENT = 99


class DepositRulesForm(Versioned, WholeForm):
    """For each kind `KIND_least`, `KIND_percent` and `KIND_cents`; one that raises nothing is off."""

    def __init__(self, *args: Any, rules: list[DepositRule], near: str, **options: Any) -> None:
        self.kinds = {rule.kind: rule for rule in rules}
        self.near = near
        super().__init__(*args, **options)
        for kind in RuleKind:
            self._add(kind, self.kinds.get(kind, DepositRule(kind)))

    def _add(self, kind: RuleKind, rule: DepositRule) -> None:
        if kind in FROM:
            label, usual, most = FROM[kind]
            self._number(f"{kind}_least", label, rule.least or usual, 1, most)
        if kind == RuleKind.BIG:
            self.fields["big_least"] = DollarsField(
                label="From which price on", required=False, initial=rule.least
            )
        if kind == RuleKind.FAR:
            self.fields["far_from"] = forms.CharField(
                label="Measured from postcode",
                max_length=4,
                required=False,
                initial=rule.measured_from or self.near,
                validators=[known_postcode],
                widget=forms.TextInput({"inputmode": "numeric"}),
            )
        self._number(f"{kind}_percent", "Percent of the price on top", rule.percent, 0, MOST_PERCENT)
        self.fields[f"{kind}_cents"] = DollarsField(
            label="Dollars on top", required=False, initial=rule.cents
        )

    def _number(self, name: str, label: str, initial: int, least: int, most: int) -> None:
        self.fields[name] = forms.IntegerField(
            label=label, initial=initial, min_value=least, max_value=most, step_size=1
        )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each rule, under what it is about."""
        return [
            (kind.label, [self[name] for name in self.fields if name.startswith(f"{kind}_")])
            for kind in RuleKind
        ]

    def clean(self) -> None:
        super().clean()
        far = self.cleaned_data.get("far_percent") or self.cleaned_data.get("far_cents")
        if far and not self.cleaned_data.get("far_from") and "far_from" not in self.errors:
            self.add_error("far_from", "Give the postcode from which you drive.")

    def chosen(self) -> list[DepositRule]:
        of = self.cleaned_data
        return [
            DepositRule(
                kind,
                of.get(f"{kind}_least") or 0,
                of[f"{kind}_percent"],
                of[f"{kind}_cents"],
                of["far_from"] if kind == RuleKind.FAR else "",
            )
            for kind in RuleKind
        ]
