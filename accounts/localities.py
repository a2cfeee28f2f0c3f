"""Australia's suburbs with their postcodes and where they lie: whether an address can be, and what was meant.

`data/localities.tsv` has some 18,000 of them, from Matthew Proctor's Australian Postcodes as of March 2024; where
they come from, `local/localities.py` says. New suburbs get their names every year, so one that no postcode has is
believed; one that is elsewhere is not.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from statistics import median
from sys import intern
from typing import NamedTuple

from django.core.exceptions import ValidationError

TABLE = Path(__file__).with_name("data") / "localities.tsv"
NO_POSTCODE = "There's no postcode {postcode}. Please check it."
MOST_SUGGESTED = 8
FEWEST_LETTERS, FEWEST_DIGITS = 2, 3
MOST_NAMED = 3
EARTH_RADIUS_KM = 6371.0
SHORT_FORMS = {"mt": "mount", "st": "saint", "nth": "north", "sth": "south", "pt": "point"}
APOSTROPHES = re.compile("['\u2019`]")
NOT_LETTERS = re.compile(r"[^a-z0-9]+")


class Locality(NamedTuple):
    """A suburb or a town in a postcode."""

    suburb: str
    state: str
    postcode: str

    def __str__(self) -> str:
        return f"{self.suburb} {self.state} {self.postcode}"


class Table(NamedTuple):
    by_postcode: dict[str, list[Locality]]
    by_name: dict[str, list[Locality]]
    names: list[str]  # the keys of `by_name`, sorted
    middles: dict[str, tuple[float, float]]  # of postcodes: latitude and longitude, degrees


@cache
def _table() -> Table:
    by_postcode, by_name, points = defaultdict(list), defaultdict(list), defaultdict(list)
    with TABLE.open() as lines:
        next(lines)
        for line in lines:
            postcode, state, suburb, latitude, longitude = line.rstrip("\n").split("\t")
            place = Locality(suburb, intern(state), intern(postcode))
            by_postcode[place.postcode].append(place)
            by_name[_key(suburb)].append(place)
            points[place.postcode].append((float(latitude), float(longitude)))
    middles = {
        postcode: (median(lat for lat, _ in of), median(lon for _, lon in of))
        for postcode, of in points.items()
    }
    return Table(dict(by_postcode), dict(by_name), sorted(by_name), middles)


def _key(suburb: str) -> str:
    """The same for `St. Kilda`, `Saint Kilda` and `ST KILDA`, for `O'Connor` and `OConnor`."""
    words = NOT_LETTERS.sub(" ", re.sub(r"['\u2019]", "", suburb.casefold())).split()
    return " ".join(SHORT_FORMS.get(word, word) for word in words)


def load() -> None:
    """Read the table now rather than for the first customer."""
    _table()


def in_postcode(postcode: str) -> list[Locality]:
    """Empty for a postcode that there is not."""
    return _table().by_postcode.get(postcode, [])


def postcode_of(suburb: str, state: str) -> str:
    """Empty where no such suburb is there; of several the first."""
    named = _table().by_name.get(_key(suburb), [])
    return next((place.postcode for place in named if place.state == state), "")


def known_postcode(postcode: str) -> None:
    """A validator of Django's."""
    if not in_postcode(postcode):
        raise ValidationError(NO_POSTCODE.format(postcode=postcode))


def problems(*, suburb: str, state: str, postcode: str) -> dict[str, str]:
    """What keeps these three from being one place: a sentence for the field to change; nothing if they can be."""
    table = _table()
    there = in_postcode(postcode)
    if not there:
        return {"postcode": NO_POSTCODE.format(postcode=postcode)}
    if state not in {place.state for place in there}:
        return {"postcode": f"{postcode} is in {_either(place.state for place in there)}, not in {state}."}
    named = table.by_name.get(_key(suburb), [])
    its_own = [place for place in named if place.postcode == postcode]
    if its_own and state not in {place.state for place in its_own}:  # a postcode of two states
        return {
            "suburb": f"{its_own[0].suburb} {postcode} is in {_either(place.state for place in its_own)}."
        }
    if not its_own:
        meant = _meant(suburb, state, there)
        if named:
            return {"suburb": f"{named[0].suburb} isn't in {postcode}. {_hint(named, state, there)}"}
        if meant:
            return {"suburb": f"Did you mean {meant}?"}
    return {}


def _hint(named: list[Locality], state: str, there: list[Locality]) -> str:
    """Where the suburb of that name is, of several the one in the state; or what the postcode has."""
    near = [place for place in named if place.state == state] or named
    if len({(place.state, place.postcode) for place in near}) == 1:
        return (
            f"{near[0].suburb} is {near[0].state} {near[0].postcode}; {there[0].postcode} has {_some(there)}."
        )
    return f"{there[0].postcode} has {_some(there)}."


def _meant(suburb: str, state: str, there: list[Locality]) -> str:
    """One of the postcode's suburbs whose name is nearly this, or nothing."""
    names = {_key(place.suburb): place.suburb for place in there if place.state == state}
    close = get_close_matches(_key(suburb), names, n=1, cutoff=0.8)
    return names[close[0]] if close else ""


def _some(there: list[Locality]) -> str:
    names = [place.suburb for place in there]
    return _list(names, "and") if len(names) <= MOST_NAMED else f"{', '.join(names[:MOST_NAMED])} and others"


def _either(states: Iterable[str]) -> str:
    return _list(sorted(set(states)), "or")


def _list(words: list[str], joined_by: str) -> str:
    return f" {joined_by} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def suggestions(text: str, first: str = "", near: str = "") -> list[Locality]:
    """At most eight places for what was typed so far: a postcode or its beginning, a suburb or its beginning, with or
    without the state or the postcode behind it. `first`: the state whose places come before all others. Of those the
    ones that are called just so, then the ones nearest to `near`, which is typed as the text is."""
    found = _found(text)
    around = next(iter(_found(near)), None)

    def order(place: Locality) -> tuple[bool, bool, float]:
        far = kilometres(around.postcode, place.postcode) if around else None
        return place.state != first, _key(place.suburb) != _key(text), math.inf if far is None else far

    return sorted(found, key=order)[:MOST_SUGGESTED]


def _found(text: str) -> list[Locality]:
    words = _key(text).split()
    digits = next((word for word in words if word.isascii() and word.isdecimal()), "")
    name = [word for word in words if word != digits]
    found = _places(" ".join(name), digits)
    if not found and len(name) > 1:  # `newtown n`, `newtown nsw`
        *name, state = name
        found = _places(" ".join(name), digits, state.upper())
    return found


def _places(name: str, digits: str, state: str = "") -> list[Locality]:
    if len(name) < FEWEST_LETTERS and len(digits) < FEWEST_DIGITS:
        return []
    found = _named_like(name) if name else _in_postcodes(digits)
    return [place for place in found if place.postcode.startswith(digits) and place.state.startswith(state)]


def _named_like(name: str) -> Iterator[Locality]:
    table = _table()
    for key in table.names[bisect_left(table.names, name) :]:
        if not key.startswith(name):
            return
        yield from table.by_name[key]


def _in_postcodes(digits: str) -> Iterator[Locality]:
    for postcode, there in _table().by_postcode.items():
        if postcode.startswith(digits):
            yield from there


def kilometres(one: str, other: str) -> float | None:
    """Between the middles of two postcodes, as the crow flies; None for one that there is not."""
    middles = _table().middles
    if one not in middles or other not in middles:
        return None
    (lat_1, lon_1), (lat_2, lon_2) = (map(math.radians, middles[postcode]) for postcode in (one, other))
    # https://en.wikipedia.org/wiki/Haversine_formula
    chord = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))
