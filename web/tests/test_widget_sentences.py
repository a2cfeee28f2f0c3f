"""Whatever the API refuses, customers read a sentence in the widget: the server's, or one of its own that says more."""

import re
from pathlib import Path

from peepopay import errors

SENTENCES = Path(__file__).parents[2] / "widget" / "src" / "sentences.ts"
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
