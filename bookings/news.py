"""Who of a business hears of what happens to a booking, and how.

Until they said otherwise it is whoever reads the business's own address: everything by mail, and by SMS that a customer
wants a call. Where none of its people does (a mailbox that several share), that address hears of everything. A phone
whose owner turned that on is told of everything. A worker hears of the jobs that they see. Trouble with money isn't
news: it goes to the business's address, whatever is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Membership, Tradie
from accounts.roles import Role
from availability.models import Calendar
from notifications import phones
from notifications.kinds import NoLongerApplies
from notifications.models import Channel, News, NewsChoice
from peepopay.written_once import Given, WrittenOnce

from .models import Booking

AT_FIRST = {Channel.EMAIL: tuple(News), Channel.SMS: (News.CALL,), Channel.PUSH: tuple(News)}
AUSTRALIAN_MOBILE = "+614"


@dataclass(frozen=True)
class Reader:
    """An address or a number. `key`: ends the key of a message to a person, so that several get one each."""

    channel: Channel
    address: str
    key: str = ""


@dataclass(frozen=True)
class Choice:
    """What somebody wants to hear of, and where: as they said, or as it is at first."""

    by_email: tuple[str, ...]
    by_sms: tuple[str, ...]
    email: str
    mobile: str
    own_mobile: str = ""
    by_push: tuple[str, ...] = AT_FIRST[Channel.PUSH]


@dataclass(frozen=True)
class Person:
    """Of a business: whether they read its own address, and whether they work by calendars, so that they see the jobs
    of their own only. `phones`: the ids of theirs that are told."""

    member: Membership
    reads_business: bool
    works_by_calendars: bool
    phones: tuple[str, ...]

    @property
    def has_chosen(self) -> bool:
        return hasattr(self.member, "news_choice")

    def sees(self, booking: Booking | None) -> bool:
        """As in `job_lists.jobs_of`."""
        if self.member.role != Role.WORKER or not self.works_by_calendars:
            return True
        return booking is not None and booking.calendar.worker_id == self.member.user_id


def readers(booking: Booking, news: News) -> list[Reader]:
    """One query. Each address once."""
    return _readers(booking.tradie, news, booking)


def readers_of_business(tradie: Tradie, news: News) -> list[Reader]:
    """Of what is about no booking: a worker with calendars of their own hears of none. One query."""
    return _readers(tradie, news, None)


def _readers(tradie: Tradie, news: News, booking: Booking | None) -> list[Reader]:
    people = _people(_of_business(tradie=tradie.pk))
    found = [
        reader
        for one in people
        if (one.reads_business or one.has_chosen or one.phones) and one.sees(booking)
        for reader in _reader(one, choice_of(one, tradie), news, tradie)
    ]
    if not any(one.reads_business for one in people):
        found += _shared(tradie, news)
    return list({(reader.channel, reader.address): reader for reader in reversed(found)}.values())[::-1]


def require_reader(booking: Booking, news: News, channel: str, address: str) -> None:
    """Raises NoLongerApplies where somebody has left, or wants this no more, since it was written."""
    if (channel, address) not in {(reader.channel, reader.address) for reader in readers(booking, news)}:
        raise NoLongerApplies("Nobody wants this there any more.")


def for_sms(number: str) -> str:
    """The number, or nothing: SMS goes to Australian mobiles only, which keeps its cost and its abuse in bounds."""
    return number if number.startswith(AUSTRALIAN_MOBILE) else ""


def choice_of(one: Person, tradie: Tradie) -> Choice:
    """No query."""
    member, reads = one.member, one.reads_business
    email = tradie.email if reads else member.user.email
    business_mobile = tradie.mobile if reads else ""
    if one.has_chosen:
        row = member.news_choice
        mobile = row.mobile or business_mobile
        by_push = AT_FIRST[Channel.PUSH] if row.by_push is None else tuple(row.by_push)
        return Choice(tuple(row.by_email), tuple(row.by_sms), email, for_sms(mobile), row.mobile, by_push)
    if reads:
        return Choice(AT_FIRST[Channel.EMAIL], AT_FIRST[Channel.SMS], email, for_sms(business_mobile))
    return Choice((), (), email, "")


def person(member: Membership) -> Person:
    """One query."""
    (one,) = _people(_of_member(member=member.pk))
    return one


@transaction.atomic
def choose(
    member: Membership,
    *,
    by_email: Sequence[str],
    by_sms: Sequence[str],
    mobile: str,
    by_push: Sequence[str] | None = None,
) -> None:
    """What they said, from now on; `mobile` is E.164 or nothing. `by_push` None: of their phones they said nothing."""
    said: dict[str, Any] = {"by_email": list(by_email), "by_sms": list(by_sms), "mobile": mobile}
    if by_push is not None:
        said["by_push"] = list(by_push)
    NewsChoice.objects.update_or_create(member=member, defaults=said)


def _people(rows: list[Any]) -> list[Person]:
    return [Person(row, row.reads_business, row.works_by_calendars, _phones(row)) for row in rows]


def _phones(row: Any) -> tuple[str, ...]:
    return tuple(map(str, row.phone_ids)) if phones.are_told() else ()


def _told_apart(members: QuerySet[Membership]) -> QuerySet[Any]:
    """With what `Person` says of each."""
    address = Lower(OuterRef("tradie__email"))
    confirmed = EmailAddress.objects.annotate(small=Lower("email")).filter(
        user=OuterRef("user"), small=address, verified=True
    )
    own = Calendar.objects.filter(tradie=OuterRef("tradie"), worker=OuterRef("user"))
    return members.select_related("user", "news_choice").annotate(
        reads_business=Q(user__email__iexact=F("tradie__email")) | Exists(confirmed),
        works_by_calendars=Exists(own),
        phone_ids=phones.phones_of("pk"),
    )


_of_business = WrittenOnce(lambda: _told_apart(Membership.objects.filter(tradie=Given("tradie"))))
_of_member = WrittenOnce(lambda: _told_apart(Membership.objects.filter(pk=Given("member"))))


def _reader(one: Person, choice: Choice, news: News, tradie: Tradie) -> list[Reader]:
    ways = (
        (Channel.EMAIL, choice.by_email, choice.email, tradie.email),
        (Channel.SMS, choice.by_sms, choice.mobile, tradie.mobile),
    )
    written = [
        Reader(channel, address, "" if address == of_business else f":{one.member.pk.hex}")
        for channel, wanted, address, of_business in ways
        if news in wanted and address
    ]
    on_phones = one.phones if news in choice.by_push else ()
    return written + [Reader(Channel.PUSH, phone, f":{phone}") for phone in on_phones]


def _shared(tradie: Tradie, news: News) -> list[Reader]:
    mobile = for_sms(tradie.mobile)
    mail = [Reader(Channel.EMAIL, tradie.email)] if news in AT_FIRST[Channel.EMAIL] else []
    return mail + ([Reader(Channel.SMS, mobile)] if mobile and news in AT_FIRST[Channel.SMS] else [])
