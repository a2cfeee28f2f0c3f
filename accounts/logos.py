"""The logo of a business: drawn anew from what was sent, and at an address that changes with it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse

from peepopay import pictures
from peepopay.errors import ValidationFailed

from .logo_models import Logo
from .models import Tradie

if TYPE_CHECKING:
    from PIL.Image import Image

WIDEST = 3
EDGE = 400  # pixels: on paper it is 35 mm wide at most
QUALITY = 90
DIGEST_LETTERS = 16  # in its address
LARGEST_BYTES = 8 * 1024 * 1024
# Where all of them lie in memory at once: it is drawn while somebody waits. A phone's 12 megapixels are 4032 x 3024.
BRIGHT = 200  # of 255: what is drawn for a dark ground gets one
DARK = "#1d2733"
TOO_LARGE = "That file is larger than 8 MB. Please send a smaller one."
NO_PICTURE = (
    "That isn't a picture that we can read. Please send a JPEG, PNG, HEIC or WebP of up to 12 megapixels."
)


def address_of(tradie: Tradie) -> str:
    """For the widget, mails and other sites; empty where there is none."""
    return urljoin(settings.SITE_URL, tradie.logo_url) if tradie.logo_url else ""


def looks_of(tradie: Tradie) -> dict[str, str]:
    """What its mails wear."""
    return {"accent_colour": tradie.accent_colour, "logo_url": address_of(tradie)}


def logo_of(tradie_id: UUID) -> bytes | None:
    """A JPEG."""
    content = Logo.objects.filter(tradie=tradie_id).values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def drawn_from(file: UploadedFile) -> Logo:
    """Not stored, and nobody's yet. Raises ValidationFailed under "logo"."""
    if (file.size or 0) > LARGEST_BYTES:
        raise ValidationFailed(fields={"logo": [TOO_LARGE]})
    content = file.read()
    try:
        if not pictures.looks_like_a_picture(content):
            raise pictures.NotAPicture
        picture = pictures.read(content, EDGE)
    except pictures.NotAPicture:
        raise ValidationFailed(fields={"logo": [NO_PICTURE]}) from None
    seen = pictures.as_jpeg(pictures.grounded(_framed(picture), _ground_for(picture)), QUALITY)
    return Logo(content=seen, digest=hashlib.sha256(seen).hexdigest())


def path_of(logo: Logo) -> str:
    """Its address on our site, which says what lies there: it can be kept for ever."""
    return reverse("logo_picture", args=[logo.tradie_id, logo.digest[:DIGEST_LETTERS]])


def _framed(picture: Image) -> Image:
    """With room around one that is higher than wide, or more than `WIDEST` times as wide: pages make it so high, and
    leave it its width."""
    from PIL import ImageOps

    width, height = picture.size
    framed = max(width, height), max(height, -(-width // WIDEST))
    return picture if framed == (width, height) else ImageOps.pad(picture, framed, color=(0, 0, 0, 0))


def _ground_for(picture: Image) -> str:
    """White, unless what can be seen would hardly be seen on it."""
    from PIL import ImageStat

    alpha = picture.getchannel("A")
    if alpha.getextrema()[0] == 255:  # it has a ground of its own
        return "white"
    brightness: float = ImageStat.Stat(picture.convert("L"), mask=alpha.point(lambda a: a and 255)).mean[0]
    return DARK if brightness > BRIGHT else "white"
