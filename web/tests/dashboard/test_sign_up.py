"""From nothing to a business: sign up, confirm the address, say who you are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.businesses import owned_by, propose_slug
from accounts.models import Tradie, User
from local.testing.account_mails import mailbox
from local.testing.cast import PASSWORD, make_tradie, owner_of

BUSINESS = {"business_name": "O'Brien's Plumbing & Gas", "phone": "0412 345 678", "state": "WA", "slug": ""}
BUSINESS |= {"trade": "", "abn": "", "licence_number": ""}


@pytest.fixture
def new_user(client: Client, db: None) -> User:
    user = User.objects.create_user("new@example.com", PASSWORD)
    client.force_login(user)
    return user


def test_signing_up_leads_to_the_business_form_and_then_to_today(
    client: Client, db: None, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    form = {"email": "New@Example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", form).status_code == 302
    code = re.search(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", str(mailbox()[-1].body), re.M)
    assert code, mailbox()[-1].body
    confirmed = client.post("/accounts/confirm-email/", {"code": code.group()}, follow=True)
    assert confirmed.redirect_chain[-1] == ("/dashboard/set-up", 302)
    done = client.post("/dashboard/set-up", BUSINESS, follow=True)
    assert done.redirect_chain == [("/dashboard/hours", 302)]
    assert "Setting up: 1 of 4 done" in done.content.decode()


def test_the_business_gets_its_zone_from_the_state_and_its_slug_from_the_name(
    client: Client, new_user: User
) -> None:
    client.post("/dashboard/set-up", BUSINESS)
    tradie = owned_by(new_user)
    assert (tradie.timezone, tradie.phone, tradie.email, tradie.slug) == (
        "Australia/Perth",
        "+61412345678",
        "new@example.com",
        "obriens-plumbing-gas",
    )


def test_a_name_somebody_has_already_gets_a_number(db: None) -> None:
    make_tradie(slug="joes-plumbing")
    make_tradie(slug="joes-plumbing-2")
    assert propose_slug("Joe's Plumbing") == "joes-plumbing-3"
    assert propose_slug("Support") == "support-2"


@pytest.mark.parametrize("name", ["水道屋", "🔧🔧", "..."])
def test_a_name_without_latin_letters_still_gets_an_address(name: str, db: None) -> None:
    assert propose_slug(name) == "bookings"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("business_name", "", "This field is required."),
        ("business_name", "x" * 121, "at most 120 characters"),
        ("phone", "12", "Write a phone number such as 0412 345 678."),
        ("state", "XX", "Select a valid choice."),
        ("abn", "51 824 753 557", "That is no ABN"),
        ("abn", "51 824", "That is no ABN"),
        ("slug", "no spaces", "Enter a valid"),
        ("slug", "joes", "That booking address is taken."),
        ("slug", "PeepoPay", "That booking address could be taken for ours."),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(
    field: str, value: str, said: str, client: Client, new_user: User
) -> None:
    make_tradie(slug="joes")
    page = client.post("/dashboard/set-up", {**BUSINESS, field: value})
    assert said in " ".join(page.context["form"].errors[field])
    assert 'aria-invalid="true"' in page.content.decode()
    assert owned_by(new_user) is None


def test_pressing_twice_makes_one_business(client: Client, new_user: User) -> None:
    for leads_to in ("/dashboard/hours", "/dashboard/"):
        assert client.post("/dashboard/set-up", BUSINESS)["Location"] == leads_to
    assert new_user.memberships.count() == 1


def test_without_a_business_every_page_of_the_dashboard_leads_to_the_form(
    client: Client, new_user: User
) -> None:
    assert client.get("/dashboard/hours")["Location"] == "/dashboard/set-up"


def test_signing_in_needs_the_right_password_and_tells_nothing_about_the_address(
    client: Client, sam: Tradie
) -> None:
    wrong = client.post("/accounts/login/", {"login": owner_of(sam).email, "password": "wrong"})
    unknown = client.post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"})
    assert str(wrong.context["form"].errors) == str(unknown.context["form"].errors)
    assert wrong.status_code == unknown.status_code == 400


def test_business_details_can_be_changed(client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    form = client.get("/dashboard/business").context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {
        "business_name": "Sam & Sons",
        "abn": "51 824 753 556",
    }
    assert client.post("/dashboard/business", data).status_code == 302
    before = sam.calendar_version
    sam.refresh_from_db()
    assert sam.calendar_version == before + 1  # another time zone is another calendar
    assert (sam.business_name, sam.abn, sam.phone) == ("Sam & Sons", "51824753556", "+61295501234")


@pytest.mark.parametrize(("verified", "status"), [(None, 400), (False, 400), (True, 302)])
def test_booking_news_goes_only_where_somebody_confirmed_to_read_it(
    verified: bool | None, status: int, client: Client, sam: Tradie
) -> None:
    client.force_login(owner_of(sam))
    form = client.get("/dashboard/business").context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {"email": "Office@sam.example"}
    if verified is not None:
        EmailAddress.objects.create(user=owner_of(sam), email="office@sam.example", verified=verified)
    answer = client.post("/dashboard/business", data)
    sam.refresh_from_db()
    assert answer.status_code == status
    assert sam.email == ("Office@sam.example" if verified else "sam@example.com")


def test_another_address_needs_the_password_again(client: Client, sam: Tradie) -> None:
    client.force_login(owner_of(sam))  # signed in, but not by a password just now
    answer = client.post("/accounts/email/", {"email": "thief@example.com", "action_add": ""})
    assert answer["Location"].startswith("/accounts/reauthenticate/")


def test_a_trade_brings_the_terms_that_suit_it(client: Client, new_user: User) -> None:
    client.post("/dashboard/set-up", {**BUSINESS, "trade": "painter"})
    tradie = Tradie.objects.get()
    assert (tradie.trade, tradie.free_cancellation_hours, tradie.no_refund_hours) == ("painter", 72, 24)
    assert (tradie.late_fee_kind, tradie.late_fee_percent) == ("percent", 50)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"area_km": "30"}, ["Give both: the kilometres, 1 to 1,000, and where they start."]),
        (
            {"area_km": "0", "area_postcode": "2042"},
            ["Give both: the kilometres, 1 to 1,000, and where they start."],
        ),
        ({"area_km": "30", "area_postcode": "0000"}, ["There's no postcode 0000. Please check it."]),
    ],
)
def test_how_far_a_business_goes_is_a_distance_from_a_place(
    typed: dict[str, str], said: list[str], client: Client, sam: Tradie
) -> None:
    client.force_login(owner_of(sam))
    form = client.get("/dashboard/business").context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    answer = client.post("/dashboard/business", data | typed)
    assert answer.context["form"].errors == {"area_postcode": said}
    assert (
        client.post("/dashboard/business", data | {"area_km": "30", "area_postcode": "2042"}).status_code
        == 302
    )
    sam.refresh_from_db()
    assert (sam.area_km, sam.area_postcode) == (30, "2042")
