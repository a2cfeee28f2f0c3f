"""Pictures that people send: which are taken, and how each is drawn anew, so that only a picture is left of it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

KINDS = "image/jpeg,image/png,image/webp,image/heic,image/heif"  # for the browser to choose from
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
QUALITY = 82
# Files of half a megabyte may hold as many pixels. What each takes in memory while it is read was measured:
# some 100 MiB at most, and one at a time, for a container has no more to spare (docs/operations.md).
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 12_500_000, "HEIF": 12_500_000, "WEBP": 6_500_000}
MOST_PIXELS_AT_ONCE = 12_500_000  # of a progressive JPEG, which can't be read at a fraction of its size


class NotAPicture(Exception):
    """Nothing that can be shown."""


def looks_like_a_picture(content: bytes) -> bool:
    """JPEG, PNG, WebP or HEIC, whatever its name says. By its first bytes only."""
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return True
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return True
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"heis", b"mif1")


def read(original: bytes, edge: int) -> Image:
    """Upright, at most `edge` pixels wide and high, without what the camera noted. Raises NotAPicture."""
    from PIL import Image, ImageOps  # loaded by the first picture: most processes do without
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    try:
        with one_at_a_time(), Image.open(BytesIO(original), formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > _most_pixels(picture):
                raise NotAPicture
            longer = max(width, height)
            picture.draft("RGB", (width * edge // longer, height * edge // longer))
            picture.thumbnail((edge, edge))  # first: what is turned then is small
            return (ImageOps.exif_transpose(picture) or picture).convert("RGBA")
    except NotAPicture:
        raise
    except Exception as problem:  # decoders raise what they like at what strangers send
        raise NotAPicture from problem


def _most_pixels(picture: Image) -> int:
    if picture.info.get("progressive"):
        return MOST_PIXELS_AT_ONCE
    # MPO is a JPEG of some phones, with more in it.
    most = MOST_PIXELS["JPEG" if picture.format == "MPO" else str(picture.format)]
    return most * 4 // 5 if picture.mode == "RGBA" else most  # what shines through has it copied once more


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Among all processes of a container. Each user of a machine has a file: another's could not be opened."""
    with (Path(tempfile.gettempdir()) / f"peepopay-pictures-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def grounded(picture: Image, colour: str = "white") -> Image:
    """On a ground, instead of what shines through; pixels only."""
    from PIL import Image

    ground = Image.new("RGB", picture.size, colour)
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def as_jpeg(picture: Image, quality: int = QUALITY) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
