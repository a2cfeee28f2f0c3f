"""What a worker does with a photo: draw it anew at the size of a screen, so that only a picture is left of it."""

from __future__ import annotations

from datetime import datetime

from django.core.files.base import ContentFile

from peepopay import pictures

from .photo_models import Photo, PhotoState, photo_files

EDGE, SMALL_EDGE = 1600, 360  # pixels of the longer side


def make_ready(photo: Photo, now: datetime) -> dict[str, object] | None:
    """Draw one that waits; remove the files of one that was removed, then its row. Doing it twice changes nothing."""
    if photo.state == PhotoState.REMOVED:
        _forget(photo)
        return None
    if photo.state != PhotoState.WAITING or photo.original is None:
        return {}
    try:
        large, small, (width, height) = drawn(bytes(photo.original))
    except pictures.NotAPicture:
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
    """The large and the small picture as JPEGs, and the size of the large one. Raises NotAPicture."""
    large = pictures.grounded(pictures.read(original, EDGE))
    small = large.copy()
    small.thumbnail((SMALL_EDGE, SMALL_EDGE))
    return pictures.as_jpeg(large), pictures.as_jpeg(small), large.size
