"""Whether a person filled in a public form, as far as it can be told without asking them.

A program that fills in whatever page it meets gives itself away twice: it fills in a field that nobody sees, and it is
done sooner than anybody could type. Neither is proof: a password manager may fill in the field. So nobody is refused
for good: to press again is enough, or where a challenge is configured (`challenge.py`), to solve it. What says nothing
of how it was filled in, as programs written to the API, is not judged here: what strangers may do is counted.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.cache import caches
from prometheus_client import Counter

from . import challenge
from .errors import ChallengeAsked, PressAgain

HEADER = "Form-Check"
QUICKEST_SECONDS = 2
SUSPECT_SECONDS = 300  # so long an address is asked, unless it answers

UNLIKELY = Counter("peepopay_unlikely_forms", "Public forms that a program seemed to fill in.", ["reason"])
for _reason in ("field", "pace", "unsolved"):
    UNLIKELY.labels(_reason)


@dataclass(frozen=True)
class Filled:
    """`seconds`: since the form was shown; None: nothing says so. `trapped`: there is something in the field that
    nobody sees. `answer`: to the challenge."""

    seconds: float | None = None
    trapped: bool = False
    answer: str = ""

    @property
    def gives_away(self) -> str:
        """By which of the two; "" where it looks like a person's."""
        if self.trapped:
            return "field"
        too_quick = self.seconds is not None and self.seconds < QUICKEST_SECONDS
        return "pace" if too_quick and settings.RATE_LIMITS else ""


def told_by(header: str) -> Filled:
    """`MS;TRAPPED;ANSWER`, as widget/src/form_check.ts writes it. Anything else says nothing."""
    found = re.fullmatch(r"([0-9]{1,15});([01]);([!-~]{0,6000})", header)
    return Filled(int(found[1]) / 1000, found[2] == "1", found[3]) if found else Filled()


def shown_now() -> str:
    """For a page without scripts: when it was shown, signed."""
    return signing.dumps(time.time(), salt=HEADER)


def seconds_since(shown: str) -> float | None:
    """What `shown_now` said then; None for anything else."""
    try:
        return max(0.0, time.time() - float(signing.loads(shown, salt=HEADER)))
    except signing.BadSignature:
        return None


def require_person(filled: Filled) -> None:
    """Raises PressAgain."""
    if reason := filled.gives_away:
        UNLIKELY.labels(reason).inc()
        raise PressAgain


def require_person_or_answer(filled: Filled, address: str) -> None:
    """Where a challenge can be shown. Whoever was suspected is asked until they have answered, or for some minutes.

    `address`: a hash. Raises PressAgain, or with a challenge ChallengeAsked.
    """
    if not challenge.is_configured():
        return require_person(filled)
    if filled.seconds is None:
        return None
    suspects, name, reason = caches["redis"], f"suspect:{address}", filled.gives_away
    if reason:
        suspects.set(name, 1, SUSPECT_SECONDS)
    elif not suspects.get(name):
        return None
    if filled.answer and challenge.is_solved(filled.answer):
        suspects.delete(name)
        return None
    UNLIKELY.labels(reason or "unsolved").inc()
    raise ChallengeAsked(script_url=settings.CHALLENGE_SCRIPT_URL, site_key=settings.CHALLENGE_SITE_KEY)
