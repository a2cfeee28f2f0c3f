"""A business starts with one calendar, of which nothing shows until there is a second."""

from __future__ import annotations

from django.db import transaction

from accounts import businesses
from accounts.models import Tradie, User

from .models import Calendar


@transaction.atomic
def open_business_with_calendar(
    owner: User, *, business_name: str, phone: str, state: str, slug: str, **more: str
) -> Tradie:
    """As `accounts.businesses.open_business`, which says what it raises."""
    tradie = businesses.open_business(
        owner, business_name=business_name, phone=phone, state=state, slug=slug, **more
    )
    require_calendar(tradie)
    return tradie


def require_calendar(tradie: Tradie) -> None:
    """The first calendar, named after the business, if there is none."""
    if not tradie.calendars.exists():
        Calendar.objects.create(tradie=tradie, name=tradie.business_name[:80])
