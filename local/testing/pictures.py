"""For tests: files as cameras write them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
TURNED = 6  # taken with the phone upright: shown as it lies, the picture would be on its side


def camera_photo(
    width: int = 400, height: int = 300, *, kind: str = "JPEG", colour: str = "teal", noise: bool = False
) -> bytes:
    """With what a phone notes beside the pixels: which way is up, who made it, and where it was taken. With `noise` the
    file is large."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = TURNED, "Phonemaker"
    exif.get_ifd(GPS).update({1: "S", 2: (33.0, 54.0, 36.0), 3: "E", 4: (151.0, 10.0, 48.0)})
    out = BytesIO()
    if kind == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    picture = Image.effect_noise((width, height), 60) if noise else Image.new("RGB", (width, height), colour)
    picture.convert("RGB").save(out, kind, exif=exif)
    return out.getvalue()
