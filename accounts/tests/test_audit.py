"""Who did what when: written with the change, and never changed itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts import audit
from accounts.api_keys import make_key, revoke_key
from accounts.audit_models import Change
from accounts.invitations import offer_place, withdraw
from accounts.models import Service, Tradie, User
from accounts.people import add_member, change_role, remove_member
from accounts.roles import Role
from accounts.service_rules import DepositKind
from local.testing.cast import make_service, make_user, owner_of
from peepopay import acting

pytestmark = pytest.mark.django_db
DOCUMENT = (Path(settings.BASE_DIR) / "docs" / "audit.md").read_text()


def told(tradie: Tradie) -> list[tuple[str, str, str]]:
    """The oldest first."""
    return [(entry.kind, entry.about, entry.detail) for entry in reversed(audit.changes_of(tradie))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_auditentry SET about = 'nothing'",
        "UPDATE accounts_auditentry SET user_id = NULL",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
        "TRUNCATE accounts_tradie CASCADE",
        "WITH gone AS (DELETE FROM accounts_auditentry RETURNING 1) SELECT * FROM gone",
        "INSERT INTO accounts_auditentry SELECT * FROM accounts_auditentry"
        " ON CONFLICT (id) DO UPDATE SET about = 'nothing'",
    ],
)
def test_the_database_takes_nothing_back(sql: str, sam: Tradie) -> None:
    audit.note(sam.pk, Change.SERVICE_ADDED, about="Blocked drain")
    with (
        pytest.raises(DatabaseError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert told(sam) == [("service_added", "Blocked drain", "")]


def test_a_difference_says_what_was_and_what_is(sam: Tradie) -> None:
    service = make_service(sam, name="Drain")
    changed = Service.objects.get(pk=service.pk)
    changed.name, changed.price_cents, changed.price_from = "Blocked\n drain", 13_050, True
    changed.deposit_kind, changed.duration_minutes, changed.description = DepositKind.NONE, 90, "x" * 100
    changed.questions = [{"id": "gate", "label": "The code?", "required": True}]
    fields = [field.name for field in Service._meta.concrete_fields]
    said = audit.difference(service, changed, fields).split("; ")
    assert said == [
        'name from "Drain" to "Blocked drain"',
        f'description from nothing to "{"x" * 80}..."',
        "duration minutes from 60 to 90",
        "price from $120 to $130.50",
        f"{Service._meta.get_field('price_from').verbose_name} from no to yes",
        'deposit kind from "A fixed amount" to "No deposit"',
        "questions",
    ]
    assert audit.difference(service, service, fields) == ""


def test_what_is_too_long_for_an_entry_leaves_out_texts(sam: Tradie) -> None:
    changed = Tradie.objects.get(pk=sam.pk)
    for name in ("business_name", "email", "suburb", "licence_number", "logo_url", "slug"):
        setattr(changed, name, "y" * 100)
    changed.late_fee_cents = 2_000
    said = audit.difference(sam, changed, [field.name for field in Tradie._meta.concrete_fields])
    assert len(said) <= 500
    assert "business name; " in said
    assert "late fee from $0 to $20" in said


def test_whoever_has_a_history_is_not_deleted(sam: Tradie, kim: User) -> None:
    audit.note(sam.pk, Change.SERVICE_ADDED, user_id=kim.pk)
    for row in (sam, kim):
        with pytest.raises(ProtectedError):
            row.delete()


def test_a_change_that_is_rolled_back_leaves_no_entry(sam: Tradie, kim: User) -> None:
    with transaction.atomic():
        change_role(kim.memberships.get(), Role.WORKER)
        transaction.set_rollback(True)
    assert told(sam) == []


def test_people_and_keys(sam: Tradie, kim: User) -> None:
    now, pat = timezone.now(), make_user("pat@example.com", name="Pat")
    invitation = offer_place(sam, email="new@example.com", role=Role.WORKER, by=owner_of(sam), now=now)
    withdraw(invitation, now=now)
    withdraw(invitation, now=now)  # which changes nothing
    member = add_member(sam, pat, Role.OWNER)
    add_member(sam, pat, Role.WORKER)
    change_role(kim.memberships.get(), Role.WORKER)
    key = make_key(member, name="Job sheets", scopes=["bookings:read"], now=now)
    revoke_key(key, now=now)
    remove_member(member)
    assert told(sam) == [
        ("invited", "", "Worker"),
        ("invitation_withdrawn", "", "Worker"),
        ("joined", "Pat", "Owner"),
        ("role_changed", "Kim", "from Office to Worker"),
        ("key_made", "Job sheets", "bookings:read"),
        ("key_revoked", "Job sheets", ""),
        ("left", "Pat", ""),
    ]


def test_an_entry_says_for_whom_the_work_is_done(sam: Tradie, kim: User) -> None:
    with acting.on_behalf_of(kim.pk):
        audit.note(sam.pk, Change.SERVICE_ADDED)
    audit.note(sam.pk, Change.DETAILS_ERASED)
    assert [entry.user for entry in audit.changes_of(sam)] == [None, kim]


def test_the_document_lists_every_kind() -> None:
    listed: list[Any] = re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", DOCUMENT, re.MULTILINE)
    assert listed == [(kind.value, kind.label) for kind in Change]
