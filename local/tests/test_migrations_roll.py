"""While a new version rolls out, old code and new code run on one schema: a migration must suit both, and lock nothing
for long."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import analyse_sql_statements, get_sql_analyser_class

from local.migrated import APPS
from local.paths import CHECKOUT


def test_every_app_that_has_migrations_is_known() -> None:
    """Or a copy of a migrated database would be taken for fresh after its migrations changed."""
    ours = [app for app in apps.get_app_configs() if Path(app.path).parent == CHECKOUT]
    assert {app.label for app in ours if Path(app.path, "migrations").is_dir()} == set(APPS)


@pytest.mark.django_db
@pytest.mark.parametrize("app", APPS)
def test_every_migration_suits_the_code_before_it(app: str) -> None:
    """An app's first one makes tables that nobody uses yet; of the others a warning is a fault as well."""
    linter = MigrationLinter(
        include_apps=[app],
        ignore_initial_migrations=True,
        all_warnings_as_errors=True,
        no_cache=True,
        quiet=["ok", "ignore"],
    )
    linter.lint_all_migrations(app_label=app)
    assert linter.nb_total > 0
    assert linter.nb_erroneous == 0


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "bookings_booking" ADD COLUMN "colour" varchar(10) NOT NULL;',
        'ALTER TABLE "bookings_booking" DROP COLUMN "notes" CASCADE;',
        'ALTER TABLE "bookings_booking" RENAME COLUMN "notes" TO "remarks";',
        'CREATE INDEX "by_colour" ON "bookings_booking" ("notes");',
    ],
)
def test_what_would_break_or_stop_the_running_version_is_refused(statement: str) -> None:
    analyser = get_sql_analyser_class(settings.DATABASES["default"]["ENGINE"])
    errors, _, warnings = analyse_sql_statements(analyser, [statement])
    assert errors or warnings
