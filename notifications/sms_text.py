"""Text that fits an SMS: the GSM 7-bit alphabet, in which 160 characters are one message.

A single character outside it (an emoji, a curly quote) makes every message 70 characters long and so cost double.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 160  # characters of one SMS
LONGEST_OF_SEVERAL = 153  # of each, where a text takes more than one

# GSM 03.38's basic set without the Greek capitals; its extension table (such as [ and the euro sign) counts double.
GSM = frozenset(
    "@£$¥èéùìòÇØøÅå_ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà\n"
)
WINDOW = re.compile(r"between (\d{1,2}:\d\d(?: [ap]m)?) and (\d{1,2}:\d\d [ap]m)")
PLAIN = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{NO-BREAK SPACE}": " ",
    }
)


def gsm(text: str) -> str:
    """The text with quotes and dashes made plain, accents dropped where GSM has none, and the rest left out."""
    return "".join(_gsm_character(character) for character in text.translate(PLAIN))


def _gsm_character(character: str) -> str:
    if character in GSM:
        return character
    plain = unicodedata.normalize("NFKD", character)
    return "".join(part for part in plain if part in GSM)


def in_few_letters(text: str) -> str:
    """Arrival windows as short as they can be read.

    >>> in_few_letters("see you Fri 1 Jan, between 8:00 and 10:00 am, Perth time")
    'see you Fri 1 Jan, 8:00-10:00 am, Perth time'
    """
    return WINDOW.sub(r"\1-\2", text)


def parts_of(text: str) -> int:
    """How many SMS a text takes that is within the alphabet.

    >>> parts_of("a" * 160), parts_of("a" * 161), parts_of("")
    (1, 2, 0)
    """
    if len(text) <= LONGEST:
        return int(bool(text))
    return -(-len(text) // LONGEST_OF_SEVERAL)


def short_name(name: str, *, longest: int = 30, instead: str = "Your tradie") -> str:
    """A business name for an SMS: cut at a word where it is too long; `instead` where nothing of it can be written.

    >>> short_name("Müller & Søn Plumbing 🚿"), short_name("سباكة")
    ('Müller & Søn Plumbing', 'Your tradie')
    """
    words = " ".join(gsm(name).split())
    if not any(character.isalnum() for character in words):
        return instead
    if len(words) <= longest:
        return words
    cut = words[: longest + 1].rpartition(" ")[0] or words[:longest]
    return cut.rstrip(" ,.-&(")
