"""How the booking page fares at visitors, as it tells itself (widget/src/report.ts), and what its business sees of it.

Anybody can tell such things about any business. So they are only counted, of words known beforehand, for a number of
websites that has an end, and stay a hint: what was booked, the bookings say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q, Sum

from peepopay import sweeps
from peepopay.local_time import in_zone
from peepopay.throttling import count_try

from .models import Tradie, WidgetCount
from .people import lock_business
from .sites import origin_of
from .widget_models import ELSEWHERE, LOAD_STEPS, LOADED, OWN_PAGE, Seen

MOST_SITES = 20  # of a business, besides those that it names
MOST_REPORTS = 1_000  # of a business, in WINDOW; what is beyond is as if it had not come
WINDOW = timedelta(minutes=10)
KEPT = timedelta(days=90)
SHOWN = timedelta(days=30)


def site_of(told: str) -> str | None:
    """The host of a page around the booking page, with its port where that says something; None: one of our own pages,
    which show what customers see.

    >>> site_of(""), site_of("https://www.sams.com.au"), site_of("null")
    ('', 'www.sams.com.au', '?')
    """
    if not told:
        return OWN_PAGE
    host = told.partition("://")[2].partition("/")[0].lower()
    if host in {urlsplit(url).netloc for url in (settings.SITE_URL, settings.WIDGET_URL)}:
        return None
    for scheme in ("https", "http"):  # the second counts at home only
        with suppress(ValueError):
            return urlsplit(origin_of(f"{scheme}://{host}")).netloc
    return ELSEWHERE


def words_of(saw: Iterable[str], load_ms: int | None) -> list[str]:
    """Those that are counted, each once, in the order that keeps two reports from waiting for each other."""
    found = {word for word in saw if word in Seen.values}
    if load_ms is not None:
        found.add(LOADED[next((step for step in LOAD_STEPS if load_ms <= step), LOAD_STEPS[-1])])
    return sorted(found)


def count(tradie: Tradie, told: str, words: list[str], *, now: datetime) -> None:
    """One report, as of `words_of`, from a visitor at `told`: an origin, or "" for the page by itself."""
    site = site_of(told)
    if site is None or not words:
        return
    if settings.RATE_LIMITS and count_try(f"report:{tradie.pk}", window=WINDOW, now=now) > MOST_REPORTS:
        return
    with transaction.atomic():
        site = _counted_as(tradie, site)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO accounts_widgetcount AS w (tradie_id, day, site, what, count, last_at)
                   SELECT %s, %s, %s, what, 1, %s FROM unnest(%s::text[]) AS what
                   ON CONFLICT (tradie_id, day, site, what)
                   DO UPDATE SET count = w.count + 1, last_at = greatest(w.last_at, excluded.last_at)""",
                [tradie.pk, in_zone(now, tradie.timezone).date(), site, now, words],
            )


def _counted_as(tradie: Tradie, site: str) -> str:
    """Under which name: those that are too many are one."""
    rows = WidgetCount.objects.filter(tradie=tradie)
    named = {urlsplit(origin).netloc for origin in tradie.allowed_sites}
    if site in {OWN_PAGE, ELSEWHERE, *named} or rows.filter(site=site).exists():
        return site
    others = rows.exclude(site__in=[OWN_PAGE, ELSEWHERE, *named]).values("site").distinct()
    if others.count() < MOST_SITES:
        lock_business(tradie.pk)  # two that are new at once
        if others.count() < MOST_SITES:
            return site
    return ELSEWHERE


def forget_old(*, now: datetime) -> int:
    return sweeps.forget(WidgetCount.objects.filter(last_at__lt=now - KEPT))


@dataclass
class Site:
    """What visitors had at one website. `host`: as of WidgetCount."""

    host: str
    last_at: datetime
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def opened(self) -> int:
        return self.counts[Seen.OPENED]

    def within(self, share: float) -> int | None:
        """The step of LOAD_STEPS, in ms, within which such a share of the visitors could choose; None: none told."""
        total = sum(self.counts[word] for word in LOADED.values())
        so_far = 0
        for step, word in LOADED.items():
            so_far += self.counts[word]
            if so_far and so_far >= share * total:
                return step
        return None


def seen_at(tradie: Tradie, *, now: datetime) -> list[Site]:
    """Every website of the last KEPT, last seen first; its numbers are of SHOWN. One query."""
    recent = Q(day__gt=in_zone(now - SHOWN, tradie.timezone).date())
    rows = WidgetCount.objects.filter(tradie=tradie).values_list("site", "what")
    sites: dict[str, Site] = {}
    for host, what, number, last_at in rows.annotate(
        number=Sum("count", filter=recent, default=0), last=Max("last_at")
    ):
        site = sites.setdefault(host, Site(host, last_at))
        site.last_at = max(site.last_at, last_at)
        site.counts[what] = number
    return sorted(sites.values(), key=lambda site: site.last_at, reverse=True)
