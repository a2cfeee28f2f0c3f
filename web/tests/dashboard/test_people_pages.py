"""The page of people: inviting, changing a role, removing, leaving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.invitations import A_DAY, find_by_token, is_open, token_of
from accounts.models import Invitation, Tradie, User
from accounts.people import add_member
from accounts.roles import Role
from availability.models import Calendar
from local.testing.cast import make_member, make_tradie, owner_of
from notifications.messages import invite
from notifications.models import Message

PAT = {"name": "Pat", "email": "Pat@Example.com", "role": "office"}


@pytest.fixture
def dashboard(client: Client, sam: Tradie) -> Client:
    client.force_login(owner_of(sam))
    return client


@pytest.fixture
def invited(sam: Tradie) -> Invitation:
    """Pat, the day before yesterday."""
    return invite(
        sam.memberships.all()[0],
        email="pat@example.com",
        role=Role.OFFICE,
        now=timezone.now() - 2 * A_DAY,
    )


def text(response: Any) -> str:
    return response.content.decode()


def test_an_owner_alone_is_told_why_to_invite_somebody(dashboard: Client) -> None:
    assert "It’s just you so far." in text(dashboard.get("/dashboard/people"))


def test_it_lists_who_is_there_and_who_is_invited(dashboard: Client, lee: User, invited: Invitation) -> None:
    page = text(dashboard.get("/dashboard/people"))
    assert all(
        said in page for said in ("Lee", lee.email, "Worker", "(you)", "pat@example.com", "works until")
    )
    Invitation.objects.update(expires_at=timezone.now())
    assert "has run out" in text(dashboard.get("/dashboard/people"))


def test_it_takes_as_many_queries_for_three_as_for_one(
    dashboard: Client, sam: Tradie, invited: Invitation, django_assert_num_queries: Any
) -> None:
    dashboard.get("/dashboard/people")
    for name in ("Ann", "Bea", "Cat"):
        make_member(sam, Role.WORKER, name)
        invite(sam.memberships.all()[0], email=f"{name}@example.com", role=Role.WORKER, now=timezone.now())
    with django_assert_num_queries(4):  # user, businesses, people, invitations
        dashboard.get("/dashboard/people")


def test_inviting_mails_a_link(dashboard: Client, sam: Tradie) -> None:
    answer = dashboard.post("/dashboard/people/new", PAT, follow=True)
    assert "We&#x27;re mailing pat@example.com a link to join" in text(answer)
    invitation = Invitation.objects.get()
    assert (invitation.tradie, invitation.email, invitation.role, invitation.invited_by) == (
        sam,
        "pat@example.com",
        "office",
        owner_of(sam),
    )
    assert Message.objects.get().recipient == "pat@example.com"


def test_inviting_again_within_a_day_mends_the_role_and_mails_nothing(dashboard: Client) -> None:
    dashboard.post("/dashboard/people/new", PAT)
    answer = dashboard.post("/dashboard/people/new", {**PAT, "role": "worker"}, follow=True)
    assert "still works" in text(answer)
    assert (Invitation.objects.get().role, Message.objects.count()) == ("worker", 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"email": "nonsense"}, "email"), ({"email": ""}, "email"), ({"role": "boss"}, "role")],
)
def test_what_cannot_be_used_is_said_at_its_field(changes: Any, field: str, dashboard: Client) -> None:
    page = dashboard.post("/dashboard/people/new", {**PAT, **changes})
    assert list(page.context["form"].errors) == [field]
    assert not Invitation.objects.exists()


def test_a_colleague_is_not_invited(dashboard: Client, lee: User) -> None:
    page = dashboard.post("/dashboard/people/new", {**PAT, "email": lee.email})
    assert "belongs to Sam&#x27;s Plumbing already" in text(page)
    assert not Message.objects.exists()


def test_an_invitation_is_sent_again_once_a_day(dashboard: Client, invited: Invitation) -> None:
    old = token_of(invited)
    for _ in range(2):
        dashboard.post(f"/dashboard/people/invitations/{invited.pk}/send")
    assert Message.objects.count() == 2
    assert find_by_token(old) is None


def test_a_withdrawn_invitation_opens_nothing(dashboard: Client, invited: Invitation) -> None:
    page = dashboard.post(f"/dashboard/people/invitations/{invited.pk}/withdraw", follow=True)
    assert "Withdrawn." in text(page)
    invited.refresh_from_db()
    assert not is_open(invited, timezone.now())
    again = dashboard.post(f"/dashboard/people/invitations/{invited.pk}/withdraw", follow=True)
    assert "has joined, or it was withdrawn before" in text(again)


def test_a_role_is_changed_and_counts_at_once(dashboard: Client, lee: User) -> None:
    lees = Client()
    lees.force_login(lee)
    assert lees.get("/dashboard/services").status_code == 403
    dashboard.post(f"/dashboard/people/{lee.memberships.get().pk}", {"role": "office"})
    assert lees.get("/dashboard/services").status_code == 200


@pytest.mark.parametrize("what", ["", "/remove"])
def test_the_last_owner_stays(what: str, dashboard: Client, sam: Tradie, kim: User) -> None:
    own = owner_of(sam).memberships.get()
    page = dashboard.post(f"/dashboard/people/{own.pk}{what}", {"role": "worker"}, follow=True)
    assert "A business needs an owner." in text(page)
    own.refresh_from_db()
    assert own.role == "owner"


def test_who_is_removed_is_signed_out_and_gets_in_no_more(dashboard: Client, lee: User) -> None:
    lees = Client()
    lees.force_login(lee)
    page = dashboard.post(f"/dashboard/people/{lee.memberships.get().pk}/remove", follow=True)
    assert "Lee is out, and signed out on every device." in text(page)
    assert lees.get("/dashboard/")["Location"].startswith("/accounts/login/")
    lees.force_login(User.objects.get(pk=lee.pk))
    assert lees.get("/dashboard/")["Location"] == "/dashboard/set-up"
    assert f"invite <strong>{lee.email}</strong>" in text(lees.get("/dashboard/set-up"))


def test_who_is_removed_may_still_be_booked_and_the_page_says_so(
    dashboard: Client, sam: Tradie, lee: User, van: Calendar
) -> None:
    url = f"/dashboard/people/{lee.memberships.get().pk}"
    assert "Customers can still book" not in text(dashboard.get(url))
    Calendar.objects.filter(pk=van.pk).update(worker=lee)
    assert f'<a href="/dashboard/crew/{van.pk}" dir="auto">Van 2</a>' in text(dashboard.get(url))
    dashboard.post(f"{url}/remove")
    van.refresh_from_db()
    assert (van.worker, van.is_active) == (None, True)


def test_another_business_has_its_own_people(dashboard: Client, alex: Tradie) -> None:
    theirs = make_member(alex, Role.WORKER, "Lou").memberships.get()
    invitation = invite(
        alex.memberships.all()[0], email="pat@example.com", role=Role.OFFICE, now=timezone.now()
    )
    for path in (
        f"{theirs.pk}",
        f"{theirs.pk}/remove",
        f"invitations/{invitation.pk}/send",
        f"invitations/{invitation.pk}/withdraw",
    ):
        assert dashboard.post(f"/dashboard/people/{path}", {"role": "owner"}).status_code == 404, path
    theirs.refresh_from_db()
    invitation.refresh_from_db()
    assert (theirs.role, invitation.withdrawn_at) == ("worker", None)


def test_somebody_leaves_by_themselves(client: Client, lee: User) -> None:
    client.force_login(lee)
    page = text(client.get("/dashboard/you"))
    assert "Your role: worker" in page
    assert "See the day and the jobs" in page
    assert "Change services" not in page
    assert client.post("/dashboard/you/leave")["Location"] == "/accounts/login/"
    assert not lee.memberships.exists()
    assert client.get("/dashboard/")["Location"].startswith("/accounts/login/")


def test_the_only_owner_is_told_why_they_cannot_leave(dashboard: Client, sam: Tradie) -> None:
    assert "You are the only owner" in text(dashboard.get("/dashboard/you"))
    assert "A business needs an owner." in text(dashboard.post("/dashboard/you/leave", follow=True))
    assert owner_of(sam)


def test_a_name_is_given_and_shown(dashboard: Client, sam: Tradie) -> None:
    dashboard.post("/dashboard/you", {"name": "Samira O'Brien", "theme": "device"})
    assert owner_of(sam).name == "Samira O'Brien"


def test_with_one_business_there_is_nothing_to_switch(dashboard: Client) -> None:
    assert "Switch to" not in text(dashboard.get("/dashboard/"))


def test_who_works_in_two_switches_between_them_with_the_role_of_each(
    client: Client, sam: Tradie, alex: Tradie, kim: User
) -> None:
    add_member(alex, kim, Role.WORKER)
    client.force_login(kim)
    assert "Switch to <bdi>Alex Electric</bdi>" in text(client.get("/dashboard/"))
    assert client.get("/dashboard/services").status_code == 200
    client.post("/dashboard/you/switch", {"business": str(alex.pk)})
    assert "Switch to <bdi>Sam&#x27;s Plumbing</bdi>" in text(client.get("/dashboard/"))
    assert client.get("/dashboard/services").status_code == 403


@pytest.mark.parametrize("business", ["", "nonsense", "other"])
def test_nobody_switches_to_a_business_that_is_not_theirs(
    business: str, dashboard: Client, sam: Tradie
) -> None:
    wanted = str(make_tradie().pk) if business == "other" else business
    assert dashboard.post("/dashboard/you/switch", {"business": wanted}).status_code == 404
    assert dashboard.get("/dashboard/").context["tradie"] == sam


def test_a_chosen_business_that_one_left_is_forgotten(
    client: Client, sam: Tradie, alex: Tradie, kim: User
) -> None:
    place = add_member(alex, kim, Role.WORKER)
    client.force_login(kim)
    client.post("/dashboard/you/switch", {"business": str(alex.pk)})
    place.delete()  # without ending the session, to see that the choice alone gives nothing
    assert client.get("/dashboard/").context["tradie"] == sam


def test_an_invitation_that_ran_out_can_be_sent_again(dashboard: Client, invited: Invitation) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    dashboard.post(f"/dashboard/people/invitations/{invited.pk}/send")
    invited.refresh_from_db()
    assert is_open(invited, timezone.now())


def test_pages_are_light_or_dark_as_the_device_or_as_chosen(dashboard: Client) -> None:
    system = text(dashboard.get("/dashboard/you"))
    assert 'media="screen and (prefers-color-scheme: dark)"' in system
    dashboard.post("/dashboard/you", {"name": "", "theme": "dark"})
    for page in ("/dashboard/", "/dashboard/you", "/accounts/email/", "/nothing-here"):
        assert 'css/dark.css" media="screen">' in text(dashboard.get(page)), page
    dashboard.post("/dashboard/you", {"name": "", "theme": "light"})
    assert "dark.css" not in text(dashboard.get("/dashboard/"))
    refused = dashboard.post("/dashboard/you", {"name": "", "theme": "pink"})
    assert (refused.status_code, "theme" in refused.context["form"].errors) == (400, True)
    dashboard.post("/dashboard/you", {"name": "", "theme": "device"})
    assert text(dashboard.get("/dashboard/")).count("prefers-color-scheme: dark") == 1
    assert dashboard.cookies["theme"].value == ""
