"""A worker makes what it needs before it takes traffic, so that no customer is the first."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Service, Tradie
from bookings.models import Booking
from local.testing.cast import booking_request, soon

from .wire import HOST, environment

pytestmark = pytest.mark.django_db(transaction=True)

# What the first customers of a worker cause to be imported: {"bookings": [modules]}.
FIRST_CUSTOMERS = f"""
import io, json, sys
from web.warm_wsgi import application

def ask(method, path, body=None):
    known, raw = set(sys.modules), json.dumps(body).encode()
    environ = {{"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "{HOST}", "REMOTE_ADDR": "203.0.113.7",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(raw)), "wsgi.input": io.BytesIO(raw),
        "QUERY_STRING": "", "SERVER_NAME": "x", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}}
    status = []
    answer = application(environ, lambda line, headers: status.append(line))
    b"".join(answer)
    answer.close()
    return [status[0], sorted(set(sys.modules) - known)]

slug, booking = sys.argv[1], json.loads(sys.argv[2])
print(json.dumps([
    ask("GET", "/api/tradies/" + slug),
    ask("POST", "/api/bookings", booking),
    ask("GET", "/accounts/login/"),
    ask("GET", "/book/" + slug),
]))
"""


def first_customers(slug: str, booking: dict[str, Any], **changes: str) -> list[Any]:
    ran = subprocess.run(
        [sys.executable, "-c", FIRST_CUSTOMERS, slug, json.dumps(booking)],
        cwd=settings.BASE_DIR,
        env=environment() | changes,
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(ran.stdout))


def test_the_first_customers_find_everything_imported(sam: Tradie, quote: Service) -> None:
    answers = first_customers(sam.slug, booking_request(quote, soon(sam)))
    assert [modules for _, modules in answers] == [[], [], [], []]
    assert [status[:3] for status, _ in answers] == ["200", "201", "200", "200"]
    assert Booking.objects.count() == 1  # warming up books nothing


def test_a_worker_starts_where_the_database_is_away(sam: Tradie, quote: Service) -> None:
    away = "postgres://nobody@127.0.0.1:1/nothing"
    answers = first_customers(sam.slug, booking_request(quote, soon(sam)), DATABASE_URL=away)
    assert [status[:3] for status, _ in answers[:2]] == ["503", "503"]
