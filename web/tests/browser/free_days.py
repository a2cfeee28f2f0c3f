"""Free days, each handed out once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import requests

FreeDays = Callable[..., date]
MONTHS = 5
LEAST_AHEAD = timedelta(days=3)  # cancelling is free until the day before


class FreeDayFinder:
    """Asks the public API, as the widget does."""

    def __init__(self, site_url: str) -> None:
        self.api = f"{site_url}/api/availability"
        self.days: dict[str, list[date]] = {}

    def next_free_day(self, slug: str = "joe-plumber") -> date:
        """A day with every time of a full working day free. Never the same one twice."""
        if slug not in self.days:
            self.days[slug] = self.free_days(slug)
        return self.days[slug].pop(0)

    def free_days(self, slug: str) -> list[date]:
        first = datetime.now().date()  # noqa: DTZ005
        months = [
            (first.replace(day=1) + timedelta(days=31 * ahead)).strftime("%Y-%m") for ahead in range(MONTHS)
        ]
        days = [day for month in months for day in self.month(slug, month)]
        most = max(day["slots"] for day in days)
        free = [date.fromisoformat(day["date"]) for day in days if day["slots"] == most]
        return [day for day in free if day >= first + LEAST_AHEAD]

    def month(self, slug: str, month: str) -> list[dict[str, str]]:
        answer = requests.get(f"{self.api}/{slug}", {"month": month}, timeout=10)
        found: list[dict[str, str]] = answer.json()["days"]
        return found
