"""docs/runbook.md has a section for every alert, and names nothing that isn't there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from django.db import connection

from local.paths import CHECKOUT
from peepopay import outbox

RUNBOOK = (CHECKOUT / "docs" / "runbook.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", RUNBOOK, re.DOTALL)


def services() -> set[str]:
    """Of the table in docs/operations.md, which is compared with the stack files elsewhere."""
    table = (CHECKOUT / "docs" / "operations.md").read_text().partition("\n## Services\n")[2]
    return set(re.findall(r"^\| `([\w-]+)`", table.partition("\n## ")[0], re.MULTILINE))


def test_every_alert_has_its_section() -> None:
    rules = yaml.safe_load((CHECKOUT / "deploy" / "prometheus" / "alerts.yml").read_text())
    alerts = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    assert sorted(re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)) == sorted(alerts)


def test_every_section_says_what_it_means_how_to_see_more_what_to_do_and_when_it_is_over() -> None:
    for section in RUNBOOK.split("\n## ")[1:]:
        found = re.findall(r"^\*\*(For customers|See more|Do|Over when)", section, re.MULTILINE)
        assert found == ["For customers", "See more", "Do", "Over when"], section[:40]


def test_every_service_and_command_is_there() -> None:
    assert set(re.findall(r"peepopay_([a-z][a-z-]*[a-z])", RUNBOOK)) <= services()
    assert set(re.findall(r"manage\.py (\w+)", RUNBOOK)) <= set(get_commands())
    for link in re.findall(r"\]\(([^)#:]+\.md)", RUNBOOK):
        assert (CHECKOUT / "docs" / Path(link)).is_file(), link


def test_every_place_that_is_linked_to_is_there() -> None:
    heads = {head.lower().replace(" ", "-") for head in re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", RUNBOOK)) <= heads


def test_whoever_looks_for_what_was_given_up_sees_every_kind() -> None:
    dead = RUNBOOK.partition("\n## RowsDead\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"\bFROM (\w+)", dead)) == {model._meta.db_table for model in outbox.kinds()}


@pytest.mark.django_db
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("FROM ")[1].split()[0])
def test_every_query_runs(query: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query.rstrip().rstrip(";"))
        assert cursor.description
