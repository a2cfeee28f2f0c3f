"""What goes of a business some years after it closed, and of people who belong to none any more.

Tax law wants records for five years after what they are about, and after the return that they belong to
(ITAA 1936 s 262A, TAA 1953 Sch 1 s 382-5): so who a business was is kept for six. Then only that there was one stays,
with its amounts, dates and numbers.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from accounts import audit
from accounts.audit_models import Change
from accounts.logo_models import Logo
from accounts.models import Tradie, User
from accounts.people import lock_business
from accounts.sessions import end_sessions
from availability.models import DateException, OutsideCalendar, TimeOff
from bookings.erasure import A_MONTH
from bookings.whose_columns import ERASED
from notifications.contact_models import MessageSettings, OptOut
from notifications.models import Message
from peepopay import sweeps

from .deposit_models import DepositReceipt
from .invoice_models import Invoice, PayTo

KEPT = timedelta(days=6 * 365.25)
MOST_AT_ONCE = 50
NO_NUMBER = "+61000000000"  # nobody's: the column wants one
NOBODY = {"name": ERASED}
BLANK: dict[str, Any] = {
    "slug": Concat(Value("closed-"), Cast(F("pk"), CharField())),
    "business_name": ERASED,
    "email": "",
    "phone": NO_NUMBER,
    "mobile": "",
    "suburb": "",
    "licence_number": "",
    "abn": "",
    "logo_url": "",
    "allowed_sites": [],
    "area_km": None,
    "area_postcode": "",
    "deposit_rules": [],
    "call_out_zones": [],
}


def erase_closed(*, now: datetime) -> int:
    """The nightly sweep: businesses that closed six years ago; returns how many. What fails comes round again."""

    def erase(tradie: Tradie) -> bool:
        return _erase_business(tradie, now)

    over = Tradie.objects.filter(closed_at__lte=now - KEPT).exclude(business_name=ERASED)
    return sweeps.each(list(over.order_by("closed_at")[:MOST_AT_ONCE]), erase)


@transaction.atomic
def _erase_business(tradie: Tradie, now: datetime) -> bool:
    business = lock_business(tradie.pk)
    if business.closed_at is None or business.closed_at > now - KEPT:
        return False
    Tradie.objects.filter(pk=tradie.pk).update(**BLANK)
    for position, calendar in enumerate(tradie.calendars.order_by("position", "pk"), start=1):
        tradie.calendars.filter(pk=calendar.pk).update(name=f"{ERASED} {position}")
    for rows in (
        Logo.objects.filter(tradie=tradie),
        PayTo.objects.filter(tradie=tradie),
        MessageSettings.objects.filter(tradie=tradie),
        OptOut.objects.filter(tradie=tradie),
        Message.objects.filter(tradie=tradie),
        DateException.objects.filter(calendar__tradie=tradie),
        OutsideCalendar.objects.filter(calendar__tradie=tradie),
        TimeOff.objects.filter(calendar__tradie=tradie),
    ):
        rows.delete()
    Invoice.objects.filter(tradie=tradie).update(seller=NOBODY, pay_to={})
    DepositReceipt.objects.filter(payment__booking__tradie=tradie).update(seller=NOBODY)
    audit.forget_words(tradie.pk)
    audit.note(tradie.pk, Change.DETAILS_ERASED, detail="and its own, as their time was up")
    return True


def erase_people(*, now: datetime) -> int:
    """The nightly sweep: people who are in no business and were not here for as long as customers' details are kept;
    returns how many. What they did stays, done by nobody that anybody could name."""

    def erase(user: User) -> bool:
        return _erase_person(user, now)

    return sweeps.each(list(_of_no_business(now).order_by("date_joined")[:MOST_AT_ONCE]), erase)


def _of_no_business(now: datetime) -> QuerySet[User]:
    over = now - settings.PERSONAL_DATA_MONTHS * A_MONTH
    seen: Any = Coalesce("last_login", "date_joined")
    people = User.objects.filter(Q(is_staff=False), memberships=None, is_active=True)
    return people.annotate(seen=seen).filter(seen__lt=over)


@transaction.atomic
def _erase_person(user: User, now: datetime) -> bool:
    still = _of_no_business(now).filter(pk=user.pk)
    address: Any = Concat(Value("erased-"), Cast(F("pk"), CharField()), Value("@example.invalid"))
    gone = User.objects.filter(pk__in=still.values("pk")).update(
        name="", email=address, password=make_password(None), is_active=False
    )
    if not gone:
        return False
    end_sessions(user)
    for model in (EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=user).delete()
    return True
