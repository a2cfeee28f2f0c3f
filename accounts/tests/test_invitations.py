"""A place that is kept for somebody: for a week, for one address, once; and no more mail than one a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import invitations
from accounts.invitations import A_DAY, LASTS, MANY, MOST_A_DAY_FROM_ONE_BUSINESS, OFTEN, OVER
from accounts.models import Invitation, Tradie
from accounts.people import remove_member
from accounts.roles import Role
from local.testing.cast import at, make_tradie, make_user, owner_of
from peepopay.errors import RateLimited, ValidationFailed

NOW = at("2027-01-14 08:00 +11:00")
SOON = NOW + timedelta(hours=1)


def offer(
    tradie: Tradie, email: str = "pat@example.com", now: datetime = NOW, role: Role = Role.OFFICE, **more: str
) -> Invitation:
    return invitations.offer_place(tradie, email=email, role=role, by=owner_of(tradie), now=now, **more)


def test_the_link_opens_the_place_for_a_week_and_its_secret_is_stored_nowhere(sam: Tradie) -> None:
    invitation = offer(sam, "Pat@Example.com")
    token = invitations.token_of(invitation)
    assert (invitation.email, invitation.expires_at) == ("pat@example.com", NOW + LASTS)
    assert token not in str(Invitation.objects.values().get())
    found = invitations.find_by_token(token)
    assert found == invitation
    assert invitations.is_open(found, NOW + LASTS - timedelta(seconds=1))
    assert not invitations.is_open(found, NOW + LASTS)


def test_the_link_survives_a_new_secret_key(sam: Tradie, settings: object) -> None:
    token = invitations.token_of(offer(sam))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]  # type: ignore[attr-defined]
    assert invitations.token_of(Invitation.objects.get()) == token


@pytest.mark.parametrize("token", ["", "wrong", "a" * 24, "a" * 5000, "né\x00"])
def test_another_text_opens_nothing(token: str, sam: Tradie) -> None:
    offer(sam)
    assert invitations.find_by_token(token) is None


def test_accepting_gives_the_role_and_the_name_once(sam: Tradie) -> None:
    invitation, pat = offer(sam, name="Pat"), make_user("pat@example.com")
    member = invitations.accept(invitation, pat, now=SOON)
    pat.refresh_from_db()
    assert (member.tradie, member.role, pat.name) == (sam, "office", "Pat")
    remove_member(member)
    with pytest.raises(ValidationFailed, match=OVER):  # the old mail is no way back
        invitations.accept(invitation, pat, now=SOON)
    assert not pat.memberships.exists()


def test_whoever_has_a_name_keeps_it(sam: Tradie) -> None:
    pat = make_user("pat@example.com", name="Patricia")
    invitations.accept(offer(sam, name="Pat"), pat, now=SOON)
    pat.refresh_from_db()
    assert pat.name == "Patricia"


def test_it_is_for_the_address_it_was_sent_to(sam: Tradie) -> None:
    lou = make_user("lou@example.com")
    with pytest.raises(ValidationFailed, match="is for pat"):
        invitations.accept(offer(sam), lou, now=SOON)
    assert not lou.memberships.exists()


def test_what_ran_out_was_withdrawn_or_sent_anew_is_not_accepted(sam: Tradie) -> None:
    pat = make_user("pat@example.com")
    late = offer(sam)
    with pytest.raises(ValidationFailed, match=OVER):
        invitations.accept(late, pat, now=NOW + LASTS)
    offer(sam, now=NOW + LASTS)
    with pytest.raises(ValidationFailed, match=OVER):
        invitations.accept(late, pat, now=NOW + LASTS)
    newest = Invitation.objects.get()
    assert invitations.withdraw(newest, now=NOW + LASTS)
    assert not invitations.withdraw(newest, now=NOW + LASTS)
    with pytest.raises(ValidationFailed, match=OVER):
        invitations.accept(newest, pat, now=NOW + LASTS)
    assert not pat.memberships.exists()


def test_one_address_has_one_open_invitation_of_a_business(sam: Tradie) -> None:
    invitation = offer(sam)
    with pytest.raises(IntegrityError, match="invitation_one_open_per_address"), transaction.atomic():
        Invitation.objects.create(
            tradie=sam,
            email=invitation.email,
            role="worker",
            invited_by=owner_of(sam),
            token_hash="x",
            sent_at=NOW,
            expires_at=NOW,
        )


def test_within_a_day_only_the_role_changes_and_nothing_is_mailed(sam: Tradie) -> None:
    first = offer(sam)
    token = invitations.token_of(first)
    again = offer(sam, now=SOON, role=Role.WORKER)
    assert (again.pk, again.sent_at, again.role) == (first.pk, NOW, "worker")
    assert invitations.find_by_token(token) == again


def test_after_a_day_it_is_mailed_again_with_a_new_link_and_the_old_one_opens_nothing(sam: Tradie) -> None:
    old = invitations.token_of(offer(sam))
    again = offer(sam, now=NOW + A_DAY)
    assert (again.sent_at, again.expires_at) == (NOW + A_DAY, NOW + A_DAY + LASTS)
    assert invitations.find_by_token(old) is None
    assert invitations.find_by_token(invitations.token_of(again)) == again


def test_withdrawing_does_not_get_around_one_mail_a_day(sam: Tradie) -> None:
    invitations.withdraw(offer(sam), now=NOW)
    with pytest.raises(RateLimited, match=OFTEN):
        offer(sam, now=SOON)
    assert offer(sam, now=NOW + A_DAY).times_sent == 1


def test_one_address_gets_three_a_day_however_many_businesses_there_are(sam: Tradie) -> None:
    for _ in range(3):
        offer(make_tradie())
    with pytest.raises(RateLimited, match=OFTEN):
        offer(sam, now=SOON)
    assert offer(sam, now=NOW + A_DAY).times_sent == 1


def test_one_business_sends_twenty_a_day(sam: Tradie) -> None:
    for number in range(MOST_A_DAY_FROM_ONE_BUSINESS):
        offer(sam, f"pat{number}@example.com")
    with pytest.raises(RateLimited, match=MANY):
        offer(sam, "one.more@example.com", now=SOON)


def test_who_belongs_to_the_business_is_not_invited(sam: Tradie) -> None:
    with pytest.raises(ValidationFailed, match="belongs to Sam's Plumbing already"):
        offer(sam, owner_of(sam).email.upper())


def test_addresses_of_people_who_never_came_are_forgotten(sam: Tradie) -> None:
    offer(sam)
    last = NOW + LASTS + invitations.KEPT_FOR
    assert invitations.forget_old(now=last) == 0
    assert invitations.forget_old(now=last + timedelta(seconds=1)) == 1
