"""The answer to a dispute as a document for the bank."""

from __future__ import annotations

from payments.evidence_pack import Pack, Part


def evidence_document(pack: Pack) -> bytes:
    """A PDF of all its parts."""
    from .paper import Paper  # loaded only by the process that makes one

    title = f"Evidence for booking {pack.reference}"
    text = "\n".join([pack.business, *(line for part in pack.parts for line in _lines(part))])
    paper = Paper(title, pack.business, pack.made_at, text=text)
    paper.heading(pack.business, title)
    for part in pack.parts:
        paper.block(part.heading, ())
        for line in _lines(part):  # not kept together: a long part runs over several pages
            paper.line(line)
    return paper.content()


def _lines(part: Part) -> list[str]:
    return [f"{label}: {value}" if label else value for label, value in part.rows]
