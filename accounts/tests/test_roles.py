"""docs/people.md has the table of who may what, and it is the one in force."""

from __future__ import annotations

from django.conf import settings

from accounts.roles import IN_SHORT, ROLES_THAT_MAY, May, Role, rights_of


def test_the_table_in_the_docs_is_the_one_in_force() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (settings.BASE_DIR / "docs" / "people.md").read_text().splitlines()
        if line.startswith("| ")
    ]
    wanted = [["may", *Role.values]]
    wanted += [[may.label, *("yes" if role in ROLES_THAT_MAY[may] else "" for role in Role)] for may in May]
    assert rows == wanted


def test_every_right_is_the_owners_and_every_role_has_its_words() -> None:
    assert set(ROLES_THAT_MAY) == set(May)
    assert rights_of(Role.OWNER) == tuple(May)
    assert set(IN_SHORT) == set(Role)
