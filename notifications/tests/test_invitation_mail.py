"""The mail that invites somebody: written with the invitation, sent once, and only while its link opens something."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.invitations import A_DAY, LASTS, accept, find_by_token, token_of, withdraw
from accounts.models import Invitation, Membership, Tradie
from accounts.people import change_name
from accounts.roles import Role
from local.testing.cast import at, make_user
from local.testing.sent import Sent, body, deliver_all
from notifications.messages import invite
from notifications.models import Message

NOW = at("2027-01-14 08:00 +11:00")


@pytest.fixture
def owner(sam: Tradie) -> Membership:
    member = sam.memberships.select_related("user", "tradie").get()
    change_name(member.user, "Sam")
    return member


def test_what_it_says(owner: Membership, sent: Sent) -> None:
    invitation = invite(owner, email="Pat@Example.com", name="Pat", role=Role.OFFICE, now=NOW)
    deliver_all(now=NOW)
    (mail,) = sent.mails
    assert mail["To"] == "pat@example.com"
    assert mail["Subject"] == "Sam invites you to Sam's Plumbing"
    assert mail["From"] == "Sam's Plumbing via PeepoPay <bookings@peepopay.example>"
    assert mail["Reply-To"] == owner.user.email
    assert body(mail, "plain") == (
        "Hi Pat,\n\n"
        "Sam invites you to work in Sam's Plumbing on PeepoPay.\n"
        "Your role: office (bookings, quotes, customers, hours and services).\n\n"
        f"Join: https://book.example.com.au/join/{token_of(invitation)}\n\n"
        "Sign in or sign up with pat@example.com. The link works until Thu 21 Jan, 8:00 am (AEDT, Sydney time).\n"
        "If you don't know Sam's Plumbing, ignore this email: nothing happens.\n"
    )
    assert f"/join/{token_of(invitation)}" in body(mail, "html")


def test_the_secret_lies_in_no_table(owner: Membership) -> None:
    token = token_of(invite(owner, email="pat@example.com", role=Role.OFFICE, now=NOW))
    assert token not in str([*Message.objects.values(), *Invitation.objects.values()])


def test_nothing_is_mailed_for_an_invitation_that_is_rolled_back(owner: Membership) -> None:
    with transaction.atomic():
        invite(owner, email="pat@example.com", role=Role.OFFICE, now=NOW)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_it_is_mailed_once_a_day_at_most(owner: Membership, sent: Sent) -> None:
    for hours in (0, 1, 23, 24, 25):
        now = NOW + timedelta(hours=hours)
        invite(owner, email="pat@example.com", role=Role.OFFICE, now=now)
        deliver_all(now=now)
    assert len(sent.mails) == 2
    links = [body(mail, "plain").partition("/join/")[2].split()[0] for mail in sent.mails]
    assert [bool(find_by_token(link)) for link in links] == [False, True]


def test_an_invitation_that_is_over_when_its_turn_comes_is_not_mailed(owner: Membership, sent: Sent) -> None:
    pat = make_user("pat@example.com")
    for now, ends in (
        (NOW, lambda row, now: withdraw(row, now=now)),
        (NOW + A_DAY, lambda row, now: None),  # runs out while the mail server is away
        (NOW + A_DAY + LASTS, lambda row, now: accept(row, pat, now=now)),
    ):
        ends(invite(owner, email="pat@example.com", role=Role.OFFICE, now=now), now)
        deliver_all(now=now + LASTS)
    assert sent.mails == []
    assert Message.objects.exclude(skipped_because="").count() == 3
