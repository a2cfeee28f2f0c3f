"""A service's own questions to who books it: what stands in its column `questions`, in the order in which they are
asked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TypedDict

MOST_QUESTIONS = 10
MOST_CHOICES = 20
LONGEST_QUESTION = 200
LONGEST_CHOICE = 100


class QuestionRow(TypedDict):
    """`choices`: the answers there are; without any, the customer types one. `photo`: it is answered with photos."""

    id: str
    label: str
    required: bool
    choices: list[str]
    photo: bool


def new_id() -> str:
    """Short, and no other question's: answers are kept under it."""
    return uuid.uuid4().hex[:12]


def what_is_wrong_with(choices: Sequence[str]) -> str:
    """A sentence; nothing where they can be offered."""
    if len(choices) == 1:
        return "One answer is no choice: write two or more, each on a line of its own, or none."
    if len(choices) > MOST_CHOICES:
        return f"Write {MOST_CHOICES} answers at most."
    if any(len(choice) > LONGEST_CHOICE for choice in choices):
        return f"An answer has {LONGEST_CHOICE} letters at most."
    return ""
