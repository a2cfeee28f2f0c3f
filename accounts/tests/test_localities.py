"""Which suburb, state and postcode belong together, and what was meant."""

from __future__ import annotations

import pytest

from accounts.localities import TABLE, in_postcode, kilometres, problems, suggestions
from local.localities import as_people_write


@pytest.mark.parametrize(
    ("suburb", "state", "postcode"),
    [
        ("Newtown", "NSW", "2042"),
        ("NEWTOWN", "NSW", "2042"),
        ("St. Kilda", "VIC", "3182"),
        ("Saint Kilda", "VIC", "3182"),
        ("Mt Druitt", "NSW", "2770"),
        ("OConnor", "ACT", "2602"),
        ("O’Connor", "ACT", "2602"),
        ("Brighton le Sands", "NSW", "2216"),
        ("Albury", "NSW", "2640"),
        ("Oaks Estate", "ACT", "2620"),  # a postcode of two states
        ("Queanbeyan", "NSW", "2620"),
        ("Harbour Nova", "NSW", "2042"),  # named last month, says its first inhabitant
    ],
)
def test_what_can_be_is_believed(suburb, state, postcode):
    assert problems(suburb=suburb, state=state, postcode=postcode) == {}


@pytest.mark.parametrize(
    ("suburb", "state", "postcode", "said"),
    [
        ("Newtown", "NSW", "0000", {"postcode": "There's no postcode 0000. Please check it."}),
        ("Newtown", "NSW", "3000", {"postcode": "3000 is in VIC, not in NSW."}),
        ("Queanbeyan", "VIC", "2620", {"postcode": "2620 is in ACT or NSW, not in VIC."}),
        ("Queanbeyan", "ACT", "2620", {"suburb": "Queanbeyan 2620 is in NSW."}),
        ("Perth", "NSW", "2042", {"suburb": "Perth isn't in 2042. 2042 has Enmore and Newtown."}),
        (
            "Marrickville",
            "NSW",
            "2042",
            {"suburb": "Marrickville isn't in 2042. Marrickville is NSW 2204; 2042 has Enmore and Newtown."},
        ),
        ("Newtwon", "NSW", "2042", {"suburb": "Did you mean Newtown?"}),
    ],
)
def test_what_can_not_be_is_said_with_what_would_be(suburb, state, postcode, said):
    assert problems(suburb=suburb, state=state, postcode=postcode) == said


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("newtown n", "Newtown NSW 2042"),
        ("newtown vic", "Newtown VIC 3220"),
        ("2042", "Enmore NSW 2042"),
        ("mt druitt", "Mount Druitt NSW 2770"),
        ("Newtown 2042", "Newtown NSW 2042"),
        ("NEWTOWN NSW 2042", "Newtown NSW 2042"),
    ],
)
def test_a_beginning_is_enough(typed, first):
    assert str(suggestions(typed)[0]) == first


@pytest.mark.parametrize("typed", ["", "n", "20", "  ", "%", "zzzz", "0000", "١٢٣٤"])
def test_too_little_or_nonsense_suggests_nothing(typed):
    assert suggestions(typed) == []


def test_at_most_eight_are_suggested():
    assert len(suggestions("north")) == 8


def test_those_of_ones_own_state_come_first():
    assert [place.state for place in suggestions("newtown", first="VIC")][:3] == ["VIC", "VIC", "NSW"]
    assert {place.state for place in suggestions("north", first="NSW")} == {"NSW"}


def test_distances_are_those_of_a_map():
    assert kilometres("2000", "3000") == pytest.approx(713, abs=5)
    assert kilometres("2042", "2042") == 0
    assert kilometres("2042", "0000") is None


def test_every_line_of_the_table_is_a_place_in_australia():
    lines = [line.split("\t") for line in TABLE.read_text().splitlines()[1:]]
    assert len(lines) == len({tuple(line[:3]) for line in lines}) > 17_000
    for _postcode, _state, suburb, latitude, longitude in lines:
        assert suburb == suburb.strip() != ""
        assert -55 < float(latitude) < -9
        assert 96 < float(longitude) < 169  # from the Cocos to Norfolk Island
    assert [place.suburb for place in in_postcode("2042")] == ["Enmore", "Newtown"]


@pytest.mark.parametrize(
    "name",
    [
        "McMahons Point",
        "Isle of Capri",
        "O'Connor",
        "Brighton-Le-Sands",
        "Home Island Cocos (Keeling) Islands",
    ],
)
def test_names_are_written_as_people_do(name):
    assert as_people_write(name.upper()) == name
