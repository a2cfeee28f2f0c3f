"""Who is signed in, for which business, in which role: pages and API read it here."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Membership, Tradie
from accounts.people import owners_of
from accounts.roles import ROLES_THAT_MAY, May, Role
from web import visits

CHOSEN = "business"  # in the session: the id of the business they work in just now
SOMEBODY = {Role.OWNER: "an owner", Role.OFFICE: "the office", Role.WORKER: "a worker"}


def member_of(request: HttpRequest) -> Membership | None:
    """The place of who is signed in: in the business they chose, or else in the one they joined first, one that is not
    closed if there is one; of an operator on a visit what `visits.py` says. One query."""
    if not request.user.is_authenticated:
        return None
    if visit := visits.place_of(request):
        return visit
    chosen = request.session.get(CHOSEN)
    places = sorted(request.user.workplaces, key=lambda place: place.tradie.closed_at is not None)
    return next((place for place in places if str(place.tradie_id) == chosen), next(iter(places), None))


def work_in(request: HttpRequest, tradie: Tradie) -> None:
    """From now on this session is about that business."""
    request.session[CHOSEN] = str(tradie.pk)


def who_may(may: May) -> str:
    """`an owner or the office`"""
    return " or ".join(SOMEBODY[role] for role in ROLES_THAT_MAY[may])


def refusal(member: Membership, may: May) -> str:
    """Why this person can't do that, and whom to ask."""
    ask = " or ".join(owner.get_full_name() for owner in owners_of(member.tradie)[:3])
    return f"In {member.tradie}, only {who_may(may)} may {may.label}. Please ask {ask}."


def in_templates(request: HttpRequest) -> dict[str, object]:
    """Context processor: `member` for the layout, looked up only where a template asks."""
    return {"member": SimpleLazyObject(lambda: member_of(request))}
