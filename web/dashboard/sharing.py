"""How a tradie puts online booking in front of customers: a link, a code to scan, and a snippet for their website."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import qrcode
from django.conf import settings
from django.urls import reverse
from qrcode.image.svg import SvgPathImage

from accounts.accent import readable_accent
from accounts.models import Tradie


@dataclass(frozen=True)
class Way:
    """Of putting the widget on a website. `name` is for ids."""

    name: str
    title: str
    hint: str
    snippet: str


def to_share(tradie: Tradie) -> dict[str, str]:
    """`booking_page`, and `snippet`: the element that becomes the widget, with a link for where scripts don't run."""
    page = booking_page_of(tradie)
    snippet = (
        f'<peepopay-booking tradie="{tradie.slug}"><a href="{page}">Book online</a></peepopay-booking>\n'
    )
    return {"booking_page": page, "snippet": snippet + _script()}


def other_ways(tradie: Tradie) -> list[Way]:
    """As docs/embedding.md explains them."""
    slug, page, colour = tradie.slug, booking_page_of(tradie), readable_accent(tradie.accent_colour)
    return [
        Way(
            "button",
            "A button that opens it",
            "Paste it where the button should be. It opens your booking page over yours.",
            f'<a href="{page}" data-peepopay-open="{slug}">Book online</a>\n{_script()}',
        ),
        Way(
            "corner",
            "A button in the corner",
            "Paste it once, into the footer of the whole website: it is on every page then.",
            _script(f' data-button="{slug}" data-label="Book online" data-colour="{colour}"'),
        ),
        Way(
            "frame",
            "Without scripts",
            "For website builders that take none. Its height stays as it is, and customers scroll in it.",
            f'<iframe src="{page}?embed=1" title="Book online" allow="payment *" width="100%" height="900"></iframe>',
        ),
    ]


def _script(how: str = "") -> str:
    return f'<script async src="{settings.WIDGET_URL}/embed.js"{how}></script>'


def booking_page_of(tradie: Tradie) -> str:
    return settings.WIDGET_URL + reverse("booking_widget", args=[tradie.slug])


def code_to_scan(tradie: Tradie) -> bytes:
    """The address of the booking page as a QR code, in SVG."""
    drawn = BytesIO()
    qrcode.make(booking_page_of(tradie), image_factory=SvgPathImage).save(drawn)
    return drawn.getvalue()
