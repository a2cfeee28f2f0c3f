"""Which businesses assistants find."""

from __future__ import annotations

from itertools import islice
from typing import Any

import orjson
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from accounts.models import Service, Tradie
from accounts.profiles import profile_of
from accounts.service_area import require_in_area
from peepopay.errors import OutsideServiceArea
from web.api.tradie_profile import profile_answer

MOST_BUSINESSES = 10
MOST_LOOKED_AT = 500  # whether they work at a postcode: no database knows how far it is
OF_BUSINESS = ("slug", "business_name", "phone", "suburb", "state", "timezone", "bookable")
OF_SERVICE = (
    "id",
    "name",
    "description",
    "price_text",
    "in_short",
    "requires_approval",
    "bookable",
    "questions",
)


def find_services(sent: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    found = on().order_by("business_name", "pk")
    for word in sent["words"].split():
        # No join: forty words would be forty of them.
        does = Service.objects.filter(tradie=OuterRef("pk"), is_active=True, name__icontains=word)
        found = found.filter(
            Q(business_name__icontains=word)
            | Q(trade__icontains=word)
            | Q(suburb__icontains=word)
            | Exists(does)
        )
    looked_at = list(found[: MOST_LOOKED_AT if sent["postcode"] else MOST_BUSINESSES + 1])
    near = (tradie.slug for tradie in looked_at if _works_in(tradie, sent["postcode"]))
    slugs = list(islice(near, MOST_BUSINESSES + 1))
    return {
        "businesses": [_business(slug) for slug in slugs[:MOST_BUSINESSES]],
        "more": len(slugs) > MOST_BUSINESSES or len(looked_at) == MOST_LOOKED_AT,
    }


def on() -> Any:
    """The businesses that let assistants in."""
    return Tradie.objects.filter(for_assistants=True, is_open=True, closed_at=None)


def _works_in(tradie: Tradie, postcode: str) -> bool:
    try:
        if postcode:
            require_in_area(tradie, postcode)
    except OutsideServiceArea:
        return False
    return True


def _business(slug: str) -> dict[str, Any]:
    profile = orjson.loads(profile_of(slug, profile_answer).body)
    services = [{name: service[name] for name in OF_SERVICE} for service in profile["services"]]
    return {**{name: profile[name] for name in OF_BUSINESS}, "services": services}
