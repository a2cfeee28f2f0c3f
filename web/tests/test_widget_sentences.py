"""Whatever the API refuses, customers read a sentence in the widget: the server's, or one of its own that says more."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from accounts import localities
from bookings.open_slots import NEVER_OFFERED, NOT_BY_THEM, NOT_TO_CHOOSE, TAKEN_MEANWHILE
from bookings.photos import NO_PHOTO, TOO_LARGE, TOO_MANY
from bookings.policy import CancellationPolicy, statement
from bookings.terms import WHILE_ASKED, Question
from local.testing.cast import at
from peepopay import errors
from web.api.booking_inputs import CustomerInput

SENTENCES = Path(__file__).parents[2] / "widget" / "src" / "sentences.ts"
CHINESE = [SENTENCES.parent / "languages" / f"{name}.ts" for name in ("chinese", "chinese_refusals")]
FROM_THE_BROWSER = {"OFFLINE"}


def of_the_api() -> list[type[errors.AppError]]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return [kind for kind in kinds if issubclass(kind, errors.AppError)]


def test_every_code_brings_a_whole_sentence() -> None:
    assert len(of_the_api()) > 15
    for kind in of_the_api():
        assert re.fullmatch(r"[A-Z].{15,}\.", kind.message), kind


def test_the_widget_speaks_of_no_other_code() -> None:
    table = re.search(r"OURS[^{]*\{(.*?)\n\};", SENTENCES.read_text(), re.DOTALL)
    assert table
    ours = set(re.findall(r"^  ([A-Z_]+):", table[1], re.MULTILINE))
    assert ours - {kind.code for kind in of_the_api()} == FROM_THE_BROWSER


def is_said_in_chinese(sentence: str) -> bool:
    """Whether a phrase of the Chinese widget is like it."""
    text = "".join(file.read_text() for file in CHINESE)
    keys = re.findall(r'^  "((?:[^"\\]|\\.)*)":', text, re.MULTILINE)
    assert len(keys) > 120
    return any(re.fullmatch(re.sub(r"\\{\w+\\}", ".*", re.escape(key)), sentence) for key in keys)


def of_what_was_typed() -> Iterator[str]:
    """What is wrong with a field, as the form and leaving a number have them."""
    too_long = {"name": "x" * 121, "email": "x@" + "e" * 300, "phone": "0" * 41}
    for customer in (dict.fromkeys(too_long, ""), {"name": "a\nb", "email": "a@b", "phone": "12"}, too_long):
        asked = CustomerInput(data=customer)
        assert not asked.is_valid()
        assert set(asked.errors) == set(customer)
        yield from (str(sentence) for sentences in asked.errors.values() for sentence in sentences)
    for place in (("Newtown", "NSW", "2000"), ("Perth", "NSW", "2042"), ("Newtwon", "NSW", "2042")):
        yield localities.problems(**dict(zip(("suburb", "state", "postcode"), place, strict=True)))["suburb"]
    for question in (Question("q", "?", True), Question("q", "?", True, photo=True)):
        yield question.what_is_wrong_with("")
    yield from (TOO_LARGE.format(name="a.jpg"), NO_PHOTO.format(name="a.jpg"), TOO_MANY)
    yield Question("q", "?", True, ("one", "two")).what_is_wrong_with("three")


def test_what_the_server_says_is_said_in_chinese_too() -> None:
    ours = re.findall(r"^  ([A-Z_]+):", SENTENCES.read_text(), re.MULTILINE)
    theirs = [kind.message for kind in of_the_api() if kind.code not in ours]
    theirs += [NOT_TO_CHOOSE, NOT_BY_THEM, *TAKEN_MEANWHILE.values()]
    theirs += [said.format(business="Sam's", days=60) for said in NEVER_OFFERED.values()]
    assert [message for message in theirs if not is_said_in_chinese(message)] == []

    start = at("2027-01-15 08:00 +11:00")
    usual = CancellationPolicy(24, 3_000, 2, 5_000)
    policies = [usual, replace(usual, late_fee_cents=0), replace(usual, late_fee_cents=9_000)]
    said = {
        sentence
        for policy in policies
        for cents in (0, 5_000)
        for hours in (100, 10, 0)
        for sentence in statement(
            policy, cents, start, "Australia/Sydney", now=start - timedelta(hours=hours)
        )
    }
    assert len(said) > 8
    said |= set(of_what_was_typed())
    assert [sentence for sentence in (*said, WHILE_ASKED) if not is_said_in_chinese(sentence)] == []
