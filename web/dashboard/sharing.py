"""How a tradie puts online booking in front of customers: a link, and a snippet for their own website."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from accounts.models import Tradie


def to_share(tradie: Tradie) -> dict[str, str]:
    """`booking_page`, and `snippet`: the element that becomes the widget, with a link for where scripts don't run."""
    page = settings.WIDGET_URL + reverse("booking_widget", args=[tradie.slug])
    snippet = (
        f'<peepopay-booking tradie="{tradie.slug}"><a href="{page}">Book online</a></peepopay-booking>\n'
        f'<script async src="{settings.WIDGET_URL}/embed.js"></script>'
    )
    return {"booking_page": page, "snippet": snippet}
