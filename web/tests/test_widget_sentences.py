"""The widget has its own sentence for every error code of the API, and for no other."""

import re
from pathlib import Path

from peepopay import errors

SENTENCES = Path(__file__).parents[2] / "widget" / "src" / "sentences.ts"


def codes_of_the_api() -> set[str]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return {kind.code for kind in kinds if issubclass(kind, errors.AppError)}


def test_every_code_has_a_sentence_in_the_widget() -> None:
    table = re.search(r"API_SENTENCES[^{]*\{(.*?)\n\};", SENTENCES.read_text(), re.DOTALL)
    assert table
    assert set(re.findall(r"^  ([A-Z_]+):", table[1], re.MULTILINE)) == codes_of_the_api()
