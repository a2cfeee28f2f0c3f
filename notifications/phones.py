"""Which phones are told: each by a press of its owner on it, until they sign out there or its push service says that it
is gone.

What a phone gave us opens nothing of ours, but whoever has it could write on its screen. So it rests sealed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from accounts.models import Membership, Tradie
from peepopay import outbound
from peepopay.derived_tokens import hash_of
from peepopay.errors import ValidationFailed
from peepopay.sealing import seal, unseal

from .channels import push
from .channels.errors import ChannelError
from .push_encryption import require_keys
from .push_models import PushSubscription

PURPOSE = "notifications.push_subscription"
MOST_PHONES = 10  # of a person in a business; the oldest make room
NOT_TAKEN = "Your browser gave us nothing that we could reach it by. Please try again."
SIGN_IN_AGAIN = "Please sign out and in again on this phone first."
WORTH_TELLING = timedelta(
    hours=1
)  # later they have read the mail, and a screen that lights up only puzzles them


def are_told() -> bool:
    """Whether phones can be told at all."""
    return bool(settings.VAPID_PRIVATE_KEY)


@transaction.atomic
def tell_phone(
    member: Membership, *, session_key: str, endpoint: str, p256dh: str, auth: str, now: datetime
) -> None:
    """This phone hears of the business from now on, and of no other, for nobody else. Raises ValidationFailed."""
    try:
        url = outbound.clean_url(endpoint)
        require_keys(p256dh, auth)
    except (ValidationError, ValueError) as problem:
        raise ValidationFailed(NOT_TAKEN) from problem
    browser = member.user.browsers.filter(session_key=session_key).first()
    if browser is None:
        raise ValidationFailed(SIGN_IN_AGAIN)
    said = {"endpoint": url, "p256dh": p256dh, "auth": auth, "for": push.public_key()}
    PushSubscription.objects.update_or_create(
        endpoint_hash=hash_of(url),
        defaults={
            "member": member,
            "browser": browser,
            "sealed": seal(said, purpose=PURPOSE),
            "created_at": now,
        },
    )
    too_many = member.phones.order_by("-created_at").values("pk")[MOST_PHONES:]
    PushSubscription.objects.filter(pk__in=list(too_many.values_list("pk", flat=True))).delete()


def tell_no_more(member: Membership, *, session_key: str) -> None:
    """The phone with this session."""
    member.phones.filter(browser__session_key=session_key).delete()


def forget_phones_of(tradie: Tradie) -> None:
    PushSubscription.objects.filter(member__tradie=tradie).delete()


def is_told(member: Membership, session_key: str) -> bool:
    """Whether the phone with this session is. One query."""
    return signed_in().filter(member=member, browser__session_key=session_key).exists()


def signed_in() -> QuerySet[PushSubscription]:
    """Those whose session is not over."""
    session = Session.objects.filter(pk=OuterRef("browser__session_key"), expire_date__gt=Now())
    return PushSubscription.objects.filter(Exists(session))


def phones_of(member: str) -> ArraySubquery:
    """Their ids, to be asked along with members; `member`: by which column they are found."""
    return ArraySubquery(signed_in().filter(member=OuterRef(member)).order_by("created_at").values("pk"))


def tell(
    phone_id: str, text: str, *, url: str, about: UUID, is_urgent: bool, written_at: datetime, now: datetime
) -> str:
    """Have it shown on the phone. Returns why it never will be, or nothing. Raises ChannelError for what may yet be.

    `about`: what it speaks of. What came before about the same is replaced, on its way and on the screen.
    """
    phone = PushSubscription.objects.filter(pk=phone_id).first()
    if phone is None:
        return "That phone isn't told any more."
    said = unseal(phone.sealed, purpose=PURPOSE)
    if said["for"] != push.public_key():
        phone.delete()
        return "Our key has changed since: they have to turn it on again."
    keys = push.Keys(said["p256dh"], said["auth"])
    try:
        push.send(push.Push(said["endpoint"], keys, text, url, about.hex, is_urgent))
    except push.Gone as problem:
        phone.delete()
        return str(problem)
    except ChannelError as problem:
        if problem.retry_helps and now - written_at < WORTH_TELLING:
            raise
        return str(problem)
    PushSubscription.objects.filter(pk=phone.pk).update(told_at=now)
    return ""
