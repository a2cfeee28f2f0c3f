"""Jobs that were dates of something that repeats: where its rule is like one of ours, it goes on here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from accounts.models import Tradie
from bookings.models import Booking
from bookings.series_brought import take_up
from bookings.series_models import Series
from peepopay.local_time import day_of
from peepopay.sheets import Outcome, What

from .job_rows import Job
from .repeats import Repeat

GOES_ON = "It goes on {rule}."
ENDS = "It repeats: its dates until {last} are brought in, later ones aren't."


def go_on(
    tradie: Tradie,
    jobs: Sequence[Job],
    outcomes: Mapping[int, Outcome],
    booked: Mapping[int, Booking],
    now: datetime,
) -> dict[int, Outcome]:
    """The outcomes that have more to say, by line. `booked`: by line the booking that a row made or found there."""
    groups: dict[str, list[tuple[Job, Repeat]]] = {}
    for job in jobs:
        if job.repeat:
            groups.setdefault(job.repeat.of, []).append((job, job.repeat))
    told = {}
    for group in groups.values():
        new = next((job.row.line for job, _ in group if outcomes[job.row.line].what == What.NEW), None)
        if new is not None:
            more = _one(tradie, group, outcomes, booked, now)
            told[new] = replace(outcomes[new], says=f"{outcomes[new].says} {more}")
    return told


def _one(
    tradie: Tradie,
    group: Sequence[tuple[Job, Repeat]],
    outcomes: Mapping[int, Outcome],
    booked: Mapping[int, Booking],
    now: datetime,
) -> str:
    repeat = group[0][1]
    last = date.fromisoformat(repeat.last)
    if not repeat.every:
        return ENDS.format(last=day_of(last))
    on = {date.fromisoformat(one.on): job.row.line for job, one in group}
    refused = [day for day, line in on.items() if outcomes[line].what == What.REFUSED]
    series = take_up(
        tradie,
        repeat.rule(min(on), tradie.timezone),
        {day: booked[line] for day, line in on.items() if line in booked},
        new=[booked[line] for line in on.values() if outcomes[line].what == What.NEW],
        taken=[day for day, line in on.items() if outcomes[line].what == What.CLASH],
        last=min([last, *(day - timedelta(days=1) for day in refused)]),
        left_out=[day for text in repeat.left_out if (day := date.fromisoformat(text)) > last],
        deposit_days=repeat.deposit_days,
        now=now,
    )
    assert isinstance(series, Series)
    return GOES_ON.format(rule=series.in_full)
