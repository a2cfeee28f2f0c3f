"""What the booking page told of a website, in words, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import Tradie
from accounts.site_check import NOT_NAMED, Finding
from accounts.widget_models import ELSEWHERE, LOAD_STEPS, OWN_PAGE, Seen
from accounts.widget_reports import Site
from bookings.came_online import Came
from payments.wallet_domains import Domain
from web.surfaces import origin

from .charts import share_of

NAMES = {OWN_PAGE: "Your booking page by itself", ELSEWHERE: "Other websites"}
SAID = {
    500: "half a second",
    1_000: "1 second",
    1_500: "one and a half seconds",
    **{ms: f"{ms // 1_000} seconds" for ms in LOAD_STEPS[3:]},
}
SLOW_MS = 3_000
MOST_HOSTS = 8  # that Stripe is asked about at once
NOT_SEEN = "Stripe couldn't check that website: it has to be online, with https. Try again later."
CURES = {
    Seen.TOO_TALL: "Its box is too low, and nothing makes it higher. Paste the snippet with the script instead of a "
    "plain frame: on WordPress into a block “Custom HTML”, on Squarespace into a block “Code”. Wix takes no script: "
    "make the box 900 px high.",
    Seen.NO_FORMS: "The frame is locked: nobody can book in it. Take the attribute “sandbox” off it, or add "
    "“allow-scripts allow-same-origin allow-forms allow-popups” to it; where a website builder or a plugin puts it "
    "there, use a button that opens your booking page instead.",
    Seen.NO_STORAGE: "Nothing to mend: these visitors' browsers keep nothing for frames. They can book; only a reload "
    "begins anew.",
    Seen.NO_WALLETS: 'Add allow="payment *" to the frame, as under “Without scripts” on Your booking page, or paste '
    "the snippet with the script.",
    Seen.NOT_SECURE: "Your website opens without https there, and browsers warn people of it. Whoever hosts it can "
    "turn on https, mostly free and by a switch; then let http lead to it.",
}


class Trouble(NamedTuple):
    """`what` completes "12 visitors ..."."""

    visitors: int
    what: str
    cure: str


class Findings(NamedTuple):
    """`waited`: sentences; `is_slow`: they are worth a look."""

    name: str
    last_at: datetime
    opened: int
    waited: str
    is_slow: bool
    troubles: list[Trouble]


class Stage(NamedTuple):
    """`share`: of those who opened the page, in percent; None where fewer were counted. `bar`: its length, of 100."""

    name: str
    number: int
    share: int | None
    bar: int


def findings_of(site: Site, tradie: Tradie) -> Findings:
    cures = {Seen.LATE: _for_the_blocked(site, tradie), **CURES}
    found = [(site.counts[what], what.label, cure) for what, cure in cures.items()]
    slowest = site.within(0.9)
    return Findings(
        NAMES.get(site.host, site.host),
        site.last_at,
        site.opened,
        waited(site),
        bool(slowest and slowest > SLOW_MS),
        [Trouble(*trouble) for trouble in found if trouble[0]],
    )


def waited(site: Site) -> str:
    """How long visitors waited until they could choose; nothing where none told it."""
    half, most = site.within(0.5), site.within(0.9)
    if half is None or most is None:
        return ""
    longest = SAID[LOAD_STEPS[-2]]
    if half > LOAD_STEPS[-2]:
        return f"Most of your visitors waited longer than {longest} until they could choose."
    slowest = f"nine in ten within {SAID[most]}"
    if most > LOAD_STEPS[-2]:
        slowest = f"the slowest tenth longer than {longest}"
    return f"Half of your visitors could choose within {SAID[half]}, {slowest}."


def funnel_of(sites: Iterable[Site], came: Came) -> list[Stage]:
    """From who opened the page to what was booked, of all websites together."""
    opened, chose, began = (
        sum(site.counts[what] for site in sites) for what in (Seen.OPENED, Seen.TIME, Seen.DETAILS)
    )
    stages = {
        "Opened the page": opened,
        "Chose a time": chose,
        "Began to fill in their details": began,
        "Held or asked for a time": came.taken,
        "Booked": came.booked,
    }
    most = max(stages.values())
    return [
        Stage(
            name,
            number,
            round(100 * number / opened) if number <= opened > 0 else None,
            share_of(number, most),
        )
        for name, number in stages.items()
    ]


def _for_the_blocked(site: Site, tradie: Tradie) -> str:
    """Why the frame may be kept out."""
    named = [address.partition("://")[2] for address in tradie.allowed_sites]
    if named and site.host not in named:
        return NOT_NAMED
    ours = origin(settings.WIDGET_URL)
    return (
        "Something keeps the frame out: a plugin for security or cookies, or a rule of whoever hosts the website. "
        f"Ask them to let frames and scripts of {ours} in (Content-Security-Policy: frame-src and script-src)."
    )


def hosts_of(tradie: Tradie, sites: Iterable[Site]) -> list[str]:
    """Where customers may pay: on our own page, on the websites that the business names, and where it was seen; without
    ports, which wallets don't know."""
    places = [settings.WIDGET_URL, *tradie.allowed_sites, *(f"//{site.host}" for site in sites)]
    hosts = dict.fromkeys(urlsplit(place).hostname or "" for place in places)
    ours, *others = hosts
    return [ours, *(host for host in others if "." in host)][:MOST_HOSTS]


def offered_at(domain: Domain) -> Finding:
    if domain.apple_pay and domain.google_pay:
        return Finding(True, f"Apple Pay and Google Pay are offered at {domain.host}.")
    if domain.google_pay:
        return Finding(False, f"At {domain.host} Google Pay is offered; Apple Pay isn't yet. {NOT_SEEN}")
    return Finding(False, f"At {domain.host} neither is offered yet. {NOT_SEEN}")
