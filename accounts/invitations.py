"""Places in a business that are kept for people who have not joined yet.

What is mailed about them is `notifications/messages.py`: this app lies to its left.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from peepopay import derived_tokens, sweeps
from peepopay.derived_tokens import LONGEST_TOKEN, hash_of
from peepopay.errors import RateLimited, ValidationFailed

from . import audit
from .audit_models import Change
from .models import Invitation, Membership, Tradie, User
from .people import add_member, lock_business
from .roles import Role

LASTS = timedelta(days=7)
A_DAY = timedelta(days=1)
MOST_A_DAY_FROM_ONE_BUSINESS = 20
MOST_A_DAY_TO_ONE_ADDRESS = 3  # from all businesses together
KEPT_FOR = timedelta(days=30)  # after its end, for the operator
PURPOSE = "accounts.invitation"

OPEN = Q(accepted_at__isnull=True, withdrawn_at__isnull=True)
OVER = "This invitation has run out or was withdrawn."
OFTEN = "Only one invitation a day goes to the same address. Please try again tomorrow."
MANY = "That's a lot of invitations for one day. Please try again tomorrow."


def waiting(tradie: Tradie) -> QuerySet[Invitation]:
    """Neither accepted nor withdrawn; some may have run out."""
    return tradie.invitations.filter(OPEN)


@transaction.atomic
def offer_place(
    tradie: Tradie, *, email: str, role: Role, by: User, now: datetime, name: str = ""
) -> Invitation:
    """Keep a place for whoever signs in with `email`, for a week. It is to be mailed if its `sent_at` is `now`: within
    a day of the last mail only the role and the name change.

    Raises ValidationFailed for somebody who belongs to the business already, RateLimited.
    """
    email = email.lower()
    lock_business(tradie.pk)
    if tradie.memberships.filter(user__email__iexact=email).exists():
        raise ValidationFailed(f"{email} belongs to {tradie} already.")
    invitation = waiting(tradie).filter(email=email).first() or Invitation(tradie=tradie, email=email)
    invitation.role, invitation.name, invitation.invited_by = role, name, by
    if invitation._state.adding or not _is_fresh(invitation, now):
        _require_few(tradie, email, now)
        _renew(invitation, now)
    invitation.save()
    audit.note(tradie.pk, Change.INVITED, detail=invitation.get_role_display())
    return invitation


def _is_fresh(invitation: Invitation, now: datetime) -> bool:
    return invitation.sent_at > now - A_DAY


def _require_few(tradie: Tradie, email: str, now: datetime) -> None:
    """Nobody's mailbox is filled through us: counted in the rows themselves, so it holds whatever is withdrawn, and one
    address at a time, so that many businesses at once can't slip past."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"invitation:{email}"])
    lately = Invitation.objects.filter(sent_at__gt=now - A_DAY)
    if lately.filter(tradie=tradie, email=email).exists():
        raise RateLimited(OFTEN)
    if lately.filter(email=email).count() >= MOST_A_DAY_TO_ONE_ADDRESS:
        raise RateLimited(OFTEN)
    if lately.filter(tradie=tradie).count() >= MOST_A_DAY_FROM_ONE_BUSINESS:
        raise RateLimited(MANY)


def _renew(invitation: Invitation, now: datetime) -> None:
    """A new link, which makes the one before useless, and a new week."""
    invitation.times_sent += 1
    invitation.sent_at, invitation.expires_at = now, now + LASTS
    invitation.token_hash = hash_of(derived_tokens.new_token(PURPOSE, _subject(invitation)))


def _subject(invitation: Invitation) -> str:
    return f"{invitation.pk}:{invitation.times_sent}"


def token_of(invitation: Invitation) -> str:
    """What the link carries. Raises LookupError where no secret key gives it."""
    return derived_tokens.token_with(invitation.token_hash, PURPOSE, _subject(invitation))


def find_by_token(token: str) -> Invitation | None:
    """Whatever became of it, with its business and who invited, or None."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    found = Invitation.objects.select_related("tradie", "invited_by").filter(token_hash=hash_of(token))
    return found.first()


def is_open(invitation: Invitation, now: datetime) -> bool:
    """Whether it can be accepted."""
    over = invitation.accepted_at or invitation.withdrawn_at or invitation.tradie.closed_at
    return not over and invitation.expires_at > now


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether it was sent to the address this person signs in with."""
    return invitation.email == user.email.lower()


@transaction.atomic
def accept(invitation: Invitation, user: User, *, now: datetime) -> Membership:
    """Take the place, once. Raises ValidationFailed: it is over, or meant for another address."""
    if not is_for(invitation, user):
        raise ValidationFailed(f"This invitation is for {invitation.email}.")
    lock_business(invitation.tradie_id)
    still = Invitation.objects.filter(OPEN, pk=invitation.pk, expires_at__gt=now)
    if not still.filter(token_hash=invitation.token_hash).update(accepted_at=now):
        raise ValidationFailed(OVER)
    if invitation.name and not user.name:
        User.objects.filter(pk=user.pk).update(name=invitation.name)
    return add_member(invitation.tradie, user, Role(invitation.role))


@transaction.atomic
def withdraw(invitation: Invitation, *, now: datetime) -> bool:
    """Its link opens nothing any more. False: it was accepted or withdrawn before."""
    if not Invitation.objects.filter(OPEN, pk=invitation.pk).update(withdrawn_at=now):
        return False
    audit.note(invitation.tradie_id, Change.INVITATION_WITHDRAWN, detail=invitation.get_role_display())
    return True


def forget_old(*, now: datetime) -> int:
    """Addresses of people who never joined are not kept. Returns how many went."""
    return sweeps.forget(Invitation.objects.filter(expires_at__lt=now - KEPT_FOR))
