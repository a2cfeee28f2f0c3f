"""An operator opens a business's dashboard to help: with the office's rights, for half an hour, under their own name,
with a reason that the business reads under What changed, and a line on every page that says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit
from accounts.audit_models import Change
from accounts.models import Membership, Tradie
from accounts.roles import Role
from peepopay.lookups import only

LASTS = timedelta(minutes=30)
VISIT = "visit"  # in the session: {"tradie": its id, "until": when it ends}
# Pages about oneself: a visitor is nobody there.
ONES_OWN = ("you", "news", "leave", "switch", "calendar_feed", "in_the_van", "van_press", "tell_phone")


def begin(request: HttpRequest, tradie: Tradie, *, reason: str) -> None:
    """The caller has seen to it that this operator may."""
    with transaction.atomic():
        audit.note(tradie.pk, Change.OPERATOR_CAME, detail=reason, user_id=request.user.pk)
    until = timezone.now() + LASTS
    request.session[VISIT] = {"tradie": str(tradie.pk), "until": until.isoformat()}


def end(request: HttpRequest) -> None:
    request.session.pop(VISIT, None)


def place_of(request: HttpRequest) -> Membership | None:
    """The visitor's place in the business, as long as the visit lasts. One query while there is one."""
    visit = request.session.get(VISIT)
    if not visit or not request.user.is_staff or datetime.fromisoformat(visit["until"]) <= timezone.now():
        return None
    tradie = only(Tradie.objects.filter(pk=visit["tradie"]))
    if tradie is None:
        return None
    place = Membership(user=request.user, tradie=tradie, role=Role.OFFICE)
    place.is_visit = True
    return place


def is_closed_to_visitors(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").startswith(ONES_OWN)
