"""A person becomes a business."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from peepopay.errors import ValidationFailed

from .models import Membership, Tradie, User
from .places import ZONE_OF_STATE
from .policy_templates import TEMPLATES
from .roles import Role

LONGEST_SLUG = 60
LONGEST_SLUG_FROM_NAME = LONGEST_SLUG - 4
TAKEN = "That booking address is taken. Choose another."
NOT_TO_BE_HAD = "That booking address could be taken for ours. Choose another."
# A customer would think that they deal with PeepoPay, or with Stripe.
RESERVED = {"admin", "api", "help", "login", "pay", "payments", "peepopay", "security", "status", "stripe"}
RESERVED |= {"support", "system", "test", "widget", "www"}


def propose_slug(business_name: str) -> str:
    """A free address made from the name: `joes-plumbing`, or `joes-plumbing-2` if that is taken."""
    wanted = slugify(business_name.replace("'", "").replace("’", ""))  # noqa: RUF001
    wanted = wanted[:LONGEST_SLUG_FROM_NAME].strip("-") or "bookings"
    taken = RESERVED | set(Tradie.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    endings = ("", *(f"-{number}" for number in range(2, len(taken) + 2)))
    return next(f"{wanted}{ending}" for ending in endings if f"{wanted}{ending}" not in taken)


def open_business(
    owner: User, *, business_name: str, phone: str, state: str, slug: str, **more: str
) -> Tradie:
    """The owner's business, in the state's time zone. `phone` is E.164; `more`: its trade, ABN and licence number,
    where known. A second try returns the first one's.

    Raises ValidationFailed where somebody took the slug a moment ago.
    """
    try:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=owner.pk)
            return owned_by(owner) or _open(
                owner, business_name=business_name, phone=phone, state=state, slug=slug, **more
            )
    except IntegrityError as problem:
        raise ValidationFailed(TAKEN, fields={"slug": [TAKEN]}) from problem


def owned_by(user: User) -> Tradie | None:
    """The first business that a person owns."""
    owned = user.memberships.select_related("tradie").filter(role=Role.OWNER).first()
    return owned.tradie if owned else None


def _open(owner: User, *, state: str, **details: str) -> Tradie:
    template = TEMPLATES.get(details.get("trade", ""))
    tradie = Tradie.objects.create(
        email=owner.email,
        state=state,
        timezone=ZONE_OF_STATE[state],
        **details,
        **(template.columns if template else {}),
    )
    Membership.objects.create(tradie=tradie, user=owner, role=Role.OWNER)
    return tradie
