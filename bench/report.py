"""Figures as they come in, each with what was promised."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """`at_least` or `at_most` is the promise; with neither, the figure is only told."""

    measure: str
    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def promised(self) -> bool:
        return self.at_least is not None or self.at_most is not None

    @property
    def kept(self) -> bool:
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    @property
    def promise(self) -> str:
        """As people read it: "<= 2"; empty without one."""
        bounds = (self.at_least, ">="), (self.at_most, "<=")
        return " and ".join(f"{sign} {bound:g}" for bound, sign in bounds if bound is not None)


@dataclass
class Report:
    measure: str = ""
    figures: list[Figure] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)  # why a measure came to no end

    def figure(
        self,
        what: str,
        value: float,
        unit: str,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> None:
        """Print a figure and keep it; `at_least` or `at_most` is the promise."""
        found = Figure(self.measure, what, value, unit, at_least, at_most)
        self.figures.append(found)
        promise = f"  (promised {found.promise})" if found.promised else ""
        print(f"  {what:<58} {value:>9.3g} {unit}{promise}{'' if found.kept else '  MISSED'}", flush=True)

    @property
    def missed(self) -> list[str]:
        ended_early = [f"{name} ended early: {why}" for name, why in self.broken.items()]
        return [figure.what for figure in self.figures if not figure.kept] + ended_early

    def conclude(self) -> int:
        """The exit code."""
        print(f"\n{'Every promise kept.' if not self.missed else 'Missed: ' + '; '.join(self.missed)}")
        return 1 if self.missed else 0
