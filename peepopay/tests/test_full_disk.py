"""While the database takes no writes nobody is told that they tried too often or were signed out."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client

from accounts.models import Tradie
from local.testing.cast import PASSWORD, owner_of

FULL = """
CREATE FUNCTION pg_temp.disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {} EXECUTE FUNCTION pg_temp.disk_is_full()
"""


def fill_disk(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FULL.format(table))


@pytest.mark.django_db
def test_what_the_cache_table_does_not_take_is_an_error_and_what_it_holds_is_there() -> None:
    assert cache.add("held", 1)
    fill_disk("cache")
    assert not cache.add("held", 2)
    with pytest.raises(OperationalError):
        cache.add("new", 1)


def test_a_form_that_needs_a_session_says_503_and_a_page_is_shown(sam: Tradie) -> None:
    browser, stranger = Client(), Client()
    browser.force_login(owner_of(sam))
    session = browser.session
    session["renewed_at"] = 1  # so that this day's first page would renew it
    session.save()
    fill_disk("django_session")
    assert browser.get("/dashboard/").status_code == 200
    answer = stranger.post("/accounts/login/", {"login": owner_of(sam).email, "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
