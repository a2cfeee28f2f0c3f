"""Pictures that people send: which are taken, and how each is drawn anew, so that only a picture is left of it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

KINDS = "image/jpeg,image/png,image/webp,image/heic,image/heif"  # for the browser to choose from
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
QUALITY = 82
# JPEGs are read at a fraction of their size; of the others all pixels lie in memory at once, 4 bytes each.
MOST_PIXELS = {"JPEG": 50_000_000}
MOST_PIXELS_ELSE = 26_000_000


class NotAPicture(Exception):
    """Nothing that can be shown."""


def looks_like_a_picture(content: bytes) -> bool:
    """JPEG, PNG, WebP or HEIC, whatever its name says. By its first bytes only."""
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return True
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return True
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"heis", b"mif1")


def read(original: bytes, edge: int, *, most_pixels: int = MOST_PIXELS_ELSE) -> Image:
    """Upright, at most `edge` pixels wide and high, without what the camera noted. Raises NotAPicture."""
    from PIL import Image, ImageOps  # loaded by the first picture: most processes do without
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    try:
        with Image.open(BytesIO(original), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS.get(picture.format or "", most_pixels):
                raise NotAPicture
            picture.draft("RGB", (edge, edge))
            upright = ImageOps.exif_transpose(picture) or picture
            upright.thumbnail((edge, edge))
            return upright.convert("RGBA")
    except NotAPicture:
        raise
    except Exception as problem:  # decoders raise what they like at what strangers send
        raise NotAPicture from problem


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
