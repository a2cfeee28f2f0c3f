"""Who works in which business, and as what. A business never loses its last owner: whatever could take one away does
so under the lock of the business."""

from __future__ import annotations

import uuid

from django.db import transaction

from peepopay.errors import ValidationFailed

from . import audit
from .audit_models import Change
from .models import Membership, Tradie, User
from .roles import Role
from .sessions import end_sessions

LAST_OWNER = "A business needs an owner. Make somebody else an owner first."


def people_of(tradie: Tradie) -> list[Membership]:
    """Who belongs to a business, users loaded, in the order in which they joined."""
    return list(tradie.memberships.select_related("user"))


def owners_of(tradie: Tradie) -> list[User]:
    """Whom to ask."""
    return [member.user for member in people_of(tradie) if member.role == Role.OWNER]


def lock_business(tradie_id: uuid.UUID) -> Tradie:
    """Take the business for this transaction; everything that changes who belongs to it does so first."""
    return Tradie.objects.select_for_update(no_key=True).get(pk=tradie_id)


@transaction.atomic
def add_member(tradie: Tradie, user: User, role: Role) -> Membership:
    """In whatever role they have already, if they belong to it."""
    member, is_new = Membership.objects.get_or_create(tradie=tradie, user=user, defaults={"role": role})
    if is_new:
        audit.note(tradie.pk, Change.JOINED, about=user.get_full_name(), detail=member.get_role_display())
    return member


@transaction.atomic
def change_role(member: Membership, role: Role) -> None:
    """Raises ValidationFailed for the last owner."""
    lock_business(member.tradie_id)
    if role != Role.OWNER:
        _require_another_owner(member)
    before = Membership.objects.get(
        pk=member.pk
    ).get_role_display()  # a form has put the new one into `member`
    Membership.objects.filter(pk=member.pk).update(role=role)
    member.role = role
    if member.get_role_display() != before:
        said = f"from {before} to {member.get_role_display()}"
        audit.note(member.tradie_id, Change.ROLE_CHANGED, about=member.user.get_full_name(), detail=said)


@transaction.atomic
def remove_member(member: Membership) -> None:
    """Somebody leaves, or is asked to: signed out everywhere. What they did stays in the history under their name.

    Raises ValidationFailed for the last owner.
    """
    lock_business(member.tradie_id)
    _require_another_owner(member)
    Membership.objects.filter(pk=member.pk).delete()
    audit.note(member.tradie_id, Change.LEFT, about=member.user.get_full_name())
    end_sessions(member.user)


def change_name(user: User, name: str) -> None:
    """What stands in the history of bookings."""
    User.objects.filter(pk=user.pk).update(name=name)
    user.name = name


def _require_another_owner(member: Membership) -> None:
    owners = Membership.objects.filter(tradie=member.tradie_id, role=Role.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise ValidationFailed(LAST_OWNER)
