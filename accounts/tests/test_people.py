"""Who belongs to a business: roles change, people leave, and one owner always stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.businesses import open_business
from accounts.models import Membership, Tradie, User
from accounts.people import LAST_OWNER, add_member, change_role, owners_of, people_of, remove_member
from accounts.roles import Role, rights_of
from local.testing.cast import make_member, make_tradie, make_user, owner_of
from local.testing.crowd import all_at_once
from peepopay.errors import ValidationFailed


def place_of(user: User) -> Membership:
    return user.memberships.select_related("user", "tradie").get()


def test_a_person_is_in_a_business_once_in_the_role_they_came_with(sam: Tradie, lee: User) -> None:
    assert add_member(sam, lee, Role.OWNER).role == Role.WORKER
    assert [(member.user, member.role) for member in people_of(sam)] == [
        (owner_of(sam), "owner"),
        (lee, "worker"),
    ]
    with pytest.raises(IntegrityError, match="membership_one_per_person_and_business"), transaction.atomic():
        Membership.objects.create(tradie=sam, user=lee, role=Role.OFFICE)


def test_a_role_that_does_not_exist_can_neither_be_stored_nor_do_anything(sam: Tradie, lee: User) -> None:
    with pytest.raises(IntegrityError, match="membership_role_known"), transaction.atomic():
        Membership.objects.filter(user=lee).update(role="boss")
    assert rights_of("boss") == rights_of("") == ()


def test_a_role_changes(sam: Tradie, lee: User) -> None:
    change_role(place_of(lee), Role.OFFICE)
    assert place_of(lee).role == Role.OFFICE


@pytest.mark.parametrize("role", [Role.OFFICE, Role.WORKER])
def test_the_last_owner_can_neither_step_down_nor_leave(role: Role, sam: Tradie, kim: User) -> None:
    last = place_of(owner_of(sam))
    with pytest.raises(ValidationFailed, match=LAST_OWNER):
        change_role(last, role)
    with pytest.raises(ValidationFailed, match=LAST_OWNER):
        remove_member(last)
    change_role(place_of(kim), Role.OWNER)
    change_role(last, role)
    assert owners_of(sam) == [kim]


def test_an_owner_may_be_made_owner_again(sam: Tradie) -> None:
    change_role(place_of(owner_of(sam)), Role.OWNER)
    assert len(owners_of(sam)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("go", [remove_member, lambda place: change_role(place, Role.WORKER)])
def test_of_two_owners_who_go_at_once_one_stays(go: Any, sam: Tradie) -> None:
    make_member(sam, Role.OWNER, "Pat")
    places = [place_of(owner) for owner in owners_of(sam)]

    def try_to_go(place: Membership) -> bool:
        try:
            go(place)
        except ValidationFailed:
            return False
        finally:
            connection.close()
        return True

    gone = all_at_once([lambda place=place: try_to_go(place) for place in places])  # type: ignore[misc]
    assert sorted(gone) == [False, True]
    assert len(owners_of(sam)) == 1


def test_who_leaves_is_signed_out_everywhere_and_nobody_else_is(sam: Tradie, kim: User, lee: User) -> None:
    phone, laptop, kims = Client(), Client(), Client()
    for client, user in ((phone, lee), (laptop, lee), (kims, kim)):
        client.force_login(user)
        assert client.get("/dashboard/").status_code == 200
    remove_member(place_of(lee))
    for client in (phone, laptop):
        assert client.get("/dashboard/")["Location"].startswith("/accounts/login/")
    assert kims.get("/dashboard/").status_code == 200
    assert User.objects.filter(pk=lee.pk).exists()


def test_a_second_business_opens_for_an_employee_and_a_second_try_gives_the_first(
    sam: Tradie, kim: User
) -> None:
    details = {"phone": "+61412345678", "state": "WA"}
    own = open_business(kim, business_name="Kim's", slug="kims", **details)
    assert open_business(kim, business_name="Kim's again", slug="kims-2", **details) == own
    assert {(m.tradie.slug, m.role) for m in kim.memberships.all()} == {
        ("sam-plumber", "office"),
        ("kims", "owner"),
    }


def test_who_is_in_several_businesses_has_them_in_the_order_of_joining(sam: Tradie, alex: Tradie) -> None:
    pat = make_user("pat@example.com")
    add_member(alex, pat, Role.OFFICE)
    add_member(sam, pat, Role.WORKER)
    assert [(place.tradie, place.role) for place in pat.workplaces] == [(alex, "office"), (sam, "worker")]


def test_a_person_is_known_by_name_or_else_by_address(db: None) -> None:
    assert make_user("pat@example.com").get_full_name() == "pat@example.com"
    assert make_user("lou@example.com", name="Lou").get_full_name() == "Lou"


def test_the_people_of_a_business_take_one_query(sam: Tradie, django_assert_num_queries: Any) -> None:
    for number in range(3):
        make_member(sam, Role.WORKER, f"W{number}")
    with django_assert_num_queries(1):
        assert [member.user.email for member in people_of(sam)]
    assert people_of(make_tradie())[0].role == Role.OWNER
