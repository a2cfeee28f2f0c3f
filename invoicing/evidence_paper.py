"""The answer to a dispute as a document for the bank."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO

from bookings.photo_models import photo_files
from payments.evidence_pack import Pack, Part

PHOTO_EDGE, PHOTO_QUALITY = 900, 70  # pixels


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
    for number, photo in enumerate(pack.photos, start=1):
        with suppress(FileNotFoundError), photo_files().open(photo.name) as file:
            paper.picture(f"Photo {number}", _shrunk(file.read()))
    return paper.content()


def _lines(part: Part) -> list[str]:
    return [f"{label}: {value}" if label else value for label, value in part.rows]


def _shrunk(picture: bytes) -> bytes:
    """Of all that is sent Stripe takes 4.5 MB together: twenty of these make 3."""
    from PIL import Image

    out = BytesIO()
    with Image.open(BytesIO(picture)) as image:
        image.thumbnail((PHOTO_EDGE, PHOTO_EDGE))
        image.save(out, "JPEG", quality=PHOTO_QUALITY)
    return out.getvalue()
