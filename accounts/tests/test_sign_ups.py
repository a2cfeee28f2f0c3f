"""What is left of those who signed up and never came."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Tradie, User
from accounts.sign_ups import forget_unconfirmed
from local.testing.cast import make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()
OLD = NOW - timedelta(days=8)


def signed_up(name: str, *, verified: bool = False, **fields: object) -> User:
    user = make_user(f"{name}@example.com", **{"date_joined": OLD, **fields})
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def test_accounts_that_nobody_confirmed_go_after_a_week(sam: Tradie) -> None:
    User.objects.update(date_joined=OLD)  # Sam belongs to a business
    for stays in (
        signed_up("confirmed", verified=True),
        signed_up("new", date_joined=NOW - timedelta(days=6)),
        signed_up("operator", is_staff=True),
        signed_up("visitor", last_login=OLD),
    ):
        assert User.objects.filter(pk=stays.pk).exists()
    signed_up("stranger")
    signed_up("another")
    before = set(User.objects.values_list("email", flat=True))
    assert forget_unconfirmed(now=NOW) == 2
    gone = before - set(User.objects.values_list("email", flat=True))
    assert gone == {"stranger@example.com", "another@example.com"}
    assert not EmailAddress.objects.filter(email__in=gone).exists()
