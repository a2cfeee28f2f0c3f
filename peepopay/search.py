"""What people type into a search box: phone numbers, addresses and names as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import CharField, F, Func, Q, Value
from django.db.models.lookups import IContains, IStartsWith

# Keyboards, phones and word processors each have their own.
APOSTROPHES = "'\u2019\u2018\u02bc`\u00b4"
_WITHOUT_APOSTROPHES = str.maketrans("", "", APOSTROPHES)
_AROUND = '<>()[],;:"\u201c\u201d'
# Digits in groups, standing alone: three that begin as a number does, or six, so that no street number is one.
_PHONE = re.compile(r"(?<!\S)(?:(?:\+|\(?0)(?:[\s().-]*\d){2,15}|\(?\d(?:[\s().-]*\d){5,15})(?!\S)")


def words_in(text: str) -> list[str]:
    """`O'Brien 0412 345 678 <Jo@example.com>` -> `["O'Brien", "412345678", "Jo@example.com"]`: phone numbers as the
    digits that they are stored with, whichever way they are written, and nothing that a word may be wrapped in."""
    plain = _PHONE.sub(lambda found: f" {_digits(found[0])} ", text.replace("mailto:", " "))
    words = (word.strip(_AROUND) for word in plain.split())
    return [word for word in words if word]


def _digits(written: str) -> str:
    """Without the 0 or +61 that it may begin with: so it is part of every way to write that number."""
    return "".join(filter(str.isdecimal, written)).removeprefix("61").lstrip("0")


def with_words(text: str, names: Sequence[str]) -> Q:
    """Rows about a customer: each word of the text is in one of the columns `names`, the email address or the phone
    number, or begins the reference, which may be typed without its dash."""
    found = Q()
    for word in words_in(text):
        found &= _with_word(word, names)
    return found


def in_columns(text: str, columns: Sequence[str]) -> Q:
    """Rows of any kind: each word of the text is in one of these columns, whichever apostrophe either has, and a
    reference with or without its dash."""
    found = Q()
    for word in words_in(text):
        found &= reduce(or_, (_in_column(word, column) for column in columns))
    return found


def _in_column(word: str, column: str) -> Q:
    if column.endswith("name"):
        return Q(IContains(_less(column, APOSTROPHES), word.translate(_WITHOUT_APOSTROPHES)))
    if column.endswith("reference"):
        return Q(IContains(_less(column, "-"), word.replace("-", "")))
    return Q((f"{column}__icontains", word))


def _with_word(word: str, names: Sequence[str]) -> Q:
    found = Q(customer_email__icontains=word)
    found |= Q(IStartsWith(_less("reference", "-"), word.replace("-", "")))
    for name in names:
        found |= Q(IContains(_less(name, APOSTROPHES), word.translate(_WITHOUT_APOSTROPHES)))
    return found | Q(customer_phone__contains=word) if word.isdecimal() and len(word) >= 3 else found


def _less(column: str, signs: str) -> Func:
    """A text column without these signs."""
    return Func(F(column), Value(signs), Value(""), function="TRANSLATE", output_field=CharField())
