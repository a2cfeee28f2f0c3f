"""How a tradie puts online booking in front of customers: a link, a code to scan, and a snippet for their website."""

from __future__ import annotations

from io import BytesIO

import qrcode
from django.conf import settings
from django.urls import reverse
from qrcode.image.svg import SvgPathImage

from accounts.models import Tradie


def to_share(tradie: Tradie) -> dict[str, str]:
    """`booking_page`, and `snippet`: the element that becomes the widget, with a link for where scripts don't run."""
    page = booking_page_of(tradie)
    snippet = (
        f'<peepopay-booking tradie="{tradie.slug}"><a href="{page}">Book online</a></peepopay-booking>\n'
        f'<script async src="{settings.WIDGET_URL}/embed.js"></script>'
    )
    return {"booking_page": page, "snippet": snippet}


def booking_page_of(tradie: Tradie) -> str:
    return settings.WIDGET_URL + reverse("booking_widget", args=[tradie.slug])


def code_to_scan(tradie: Tradie) -> bytes:
    """The address of the booking page as a QR code, in SVG."""
    drawn = BytesIO()
    qrcode.make(booking_page_of(tradie), image_factory=SvgPathImage).save(drawn)
    return drawn.getvalue()
