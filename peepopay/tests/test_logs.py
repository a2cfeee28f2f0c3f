"""What is in a log, and what must never be. Of a running product: `web/tests/faults/test_canaries.py`."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client

from local.testing.cast import make_booking
from peepopay import logs, request_ids

Lines = Callable[[], list[dict[str, Any]]]
ID = "5f0c1d8e9ab24c56a7b8c9d0e1f20304"


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Iterator[Lines]:
    """The lines that production would have written, read again."""
    noted = logs.RequestId()
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(noted)
    yield lambda: [json.loads(logs.Json("web").format(record)) for record in caplog.records]
    caplog.handler.removeFilter(noted)


def raised_by(act: Callable[[], object]) -> Exception:
    try:
        act()
    except Exception as problem:
        return problem
    raise AssertionError("it did not raise")


def test_a_line_is_an_object_with_its_time_level_program_and_request(written: Lines) -> None:
    with request_ids.under(ID):
        logging.getLogger("peepopay.outbox").warning("%s \u201ctried\u201d %d times", "it", 2)
    (line,) = written()
    assert line.pop("time").endswith("+00:00")
    assert line.pop("pid") > 0
    assert line == {
        "level": "WARNING",
        "program": "web",
        "logger": "peepopay.outbox",
        "message": "it \u201ctried\u201d 2 times",
        "request_id": ID,
    }


def test_a_line_for_people_has_the_same() -> None:
    record = logging.makeLogRecord({"name": "relay", "levelname": "INFO", "msg": "ready.", "request_id": ID})
    assert logs.Line("relay").format(record).endswith(f" INFO relay [{ID}] ready.")


def test_an_error_of_postgresql_is_named_by_its_constraint_without_the_row(
    written: Lines, drain: Any, db: None
) -> None:
    booking = make_booking(drain, customer_name="Zebulon Quagga")

    def book_the_same_time() -> None:
        with transaction.atomic():
            make_booking(drain, customer_name="Zebulon Quagga", starts_at=booking.starts_at)

    problem = raised_by(book_the_same_time)
    assert isinstance(problem, IntegrityError)
    logging.getLogger("peepopay").error("unexpected: %s", problem, exc_info=problem)
    (line,) = written()
    assert line["message"] == "unexpected: IntegrityError"
    assert [cause["type"] for cause in line["problem"]] == [
        "IntegrityError",
        "ExclusionViolation 23P01 booking_no_overlap",
    ]
    assert "test_logs.py:" in line["problem"][0]["at"]
    assert "conflicts with existing key" in str(problem)
    assert "conflicts" not in json.dumps(line)


def test_a_missing_table_and_a_slip_in_the_code_are_told(written: Lines, db: None) -> None:
    def ask_for_nothing() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM nowhere")

    logging.error("a", exc_info=raised_by(ask_for_nothing))
    logging.error("b", exc_info=raised_by(lambda: settings.NO_SUCH_SETTING))
    table, slip = [line["problem"] for line in written()]
    assert table[1]["type"] == 'UndefinedTable 42P01 (relation "nowhere" does not exist)'
    assert slip[0]["type"] == "AttributeError ('Settings' object has no attribute 'NO_SUCH_SETTING')"


@pytest.mark.parametrize(
    "path",
    [
        "/join/secret?x=1",
        "/manage/secret/cancel",
        "/accounts/password/reset/key/secret",
        "/accounts/confirm-email/secret/",
    ],
)
def test_a_secret_in_an_address_stays_out(path: str, written: Lines) -> None:
    logging.warning("Not Found: %s", path)
    (line,) = written()
    assert "secret" not in line["message"]
    assert "/..." in line["message"]


def test_a_page_that_breaks_is_named_by_its_route(client: Client, written: Lines, db: None) -> None:
    client.raise_request_exception = False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bookings_booking RENAME TO gone")
    answer = client.get("/manage/not-a-token-of-anybody")
    assert answer.status_code == 500
    broken = [line for line in written() if line["logger"] == "django.request"]
    assert [line["message"] for line in broken] == ["Internal Server Error: /manage/<str:token>"]
    assert {line["request_id"] for line in written()} == {answer["X-Request-ID"]}


def test_statements_are_never_logged_not_even_when_everything_is() -> None:
    """Their values are customers' names."""
    loggers = logs.configuration("json", level="DEBUG", program="web")["loggers"]
    assert loggers["django.db.backends"]["level"] == "INFO"


def test_a_wrong_format_is_told_with_its_name() -> None:
    with pytest.raises(ValueError, match="LOG_FORMAT must be line or json"):
        logs.configuration("xml", level="INFO", program="web")


def test_gunicorn_s_parent_formats_lines_without_loading_the_product() -> None:
    code = "import sys; from peepopay import logs; logs.formatter('json', 'web'); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert not {"django", "celery", "psycopg"} & set(done.stdout.split())
