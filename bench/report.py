"""Figures as they come in, each with what was promised."""

from dataclasses import dataclass, field


@dataclass
class Report:
    missed: list[str] = field(default_factory=list)

    def figure(
        self,
        what: str,
        value: float,
        unit: str,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> None:
        """Print a figure; `at_least` or `at_most` is the promise."""
        bounds = (at_least, ">="), (at_most, "<=")
        promise = "".join(f"  (promised {sign} {bound:g})" for bound, sign in bounds if bound is not None)
        kept = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
        if not kept:
            self.missed.append(what)
        print(f"  {what:<58} {value:>9.3g} {unit}{promise}{'' if kept else '  MISSED'}", flush=True)

    def conclude(self) -> int:
        """The exit code."""
        print(f"\n{'Every promise kept.' if not self.missed else 'Missed: ' + '; '.join(self.missed)}")
        return 1 if self.missed else 0
