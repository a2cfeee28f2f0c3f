"""What a worker does with a photo: draw it anew at the size of a screen, so that only a picture is left of it."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from .photo_models import Photo, PhotoState, photo_files

if TYPE_CHECKING:
    from PIL.Image import Image

EDGE, SMALL_EDGE = 1600, 360  # pixels of the longer side
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
# JPEGs are read at a fraction of their size; of the others all pixels lie in memory at once, 4 bytes each.
MOST_PIXELS = {"JPEG": 50_000_000}
MOST_PIXELS_ELSE = 26_000_000


class NotAPhoto(Exception):
    """Nothing that can be shown."""


def make_ready(photo: Photo, now: datetime) -> dict[str, object] | None:
    """Draw one that waits; remove the files of one that was removed, then its row. Doing it twice changes nothing."""
    if photo.state == PhotoState.REMOVED:
        _forget(photo)
        return None
    if photo.state != PhotoState.WAITING or photo.original is None:
        return {}
    try:
        large, small, (width, height) = drawn(bytes(photo.original))
    except NotAPhoto:
        _become(photo, now, state=PhotoState.REFUSED)
        return None
    for name, content in ((photo.name, large), (photo.small_name, small)):
        photo_files().save(name, ContentFile(content))
    # Removed while it was drawn, it is due once more, for what was written just now to go.
    _become(photo, now, state=PhotoState.READY, width=width, height=height)
    return None


def _become(photo: Photo, now: datetime, **changes: object) -> bool:
    """Unless it was removed meanwhile."""
    waiting = Photo.objects.filter(pk=photo.pk, state=PhotoState.WAITING, done_at__isnull=True)
    kept = {
        "done_at": now,
        "dead_at": None,
        "running_since": None,
        "last_error": "",
        "original": None,
        **changes,
    }
    return bool(waiting.update(**kept))


def _forget(photo: Photo) -> None:
    for name in (photo.name, photo.small_name):
        photo_files().delete(name)
    Photo.objects.filter(pk=photo.pk, state=PhotoState.REMOVED).delete()


def drawn(original: bytes) -> tuple[bytes, bytes, tuple[int, int]]:
    """The large and the small picture as JPEGs, upright, and the size of the large one. Raises NotAPhoto."""
    from PIL import Image, ImageOps  # loaded by the first photo: the other workers do without
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    try:
        with Image.open(BytesIO(original), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS.get(picture.format or "", MOST_PIXELS_ELSE):
                raise NotAPhoto
            picture.draft("RGB", (EDGE, EDGE))
            upright = ImageOps.exif_transpose(picture) or picture
            upright.thumbnail((EDGE, EDGE))
            large = _on_white(upright)
    except NotAPhoto:
        raise
    except Exception as problem:  # decoders raise what they like at what strangers send
        raise NotAPhoto from problem
    small = large.copy()
    small.thumbnail((SMALL_EDGE, SMALL_EDGE))
    return _jpeg(large), _jpeg(small), large.size


def _on_white(picture: Image) -> Image:
    """Without what shines through; pixels only, none of the notes a camera leaves."""
    from PIL import Image

    seen = picture.convert("RGBA")
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen.getchannel("A"))
    return ground


def _jpeg(picture: Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
