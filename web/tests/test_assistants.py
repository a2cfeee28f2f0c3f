"""POST /mcp and /llms.txt: what assistants are told, and that no more is booked than was wanted."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import orjson
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from jsonschema import Draft202012Validator

from accounts.deposit_rules import DepositRule, RuleKind, as_column
from accounts.models import Service, Tradie
from bookings.models import Booking
from bookings.tokens import token_of
from invoicing.tests.billing import pay, refund
from local.testing.cast import booking_request, make_booking, make_service, soon
from payments.models import Refund
from peepopay.api import LARGEST_JSON
from peepopay.errors import ALL_ERRORS
from web.api.booking_inputs import BookingInput
from web.mcp.inputs import HoldInput
from web.mcp.refusals import NEXT
from web.mcp.schemas import schema_of

pytestmark = pytest.mark.django_db


class Assistant:
    def __init__(self, address: str = "203.0.113.1") -> None:
        self.client = Client(REMOTE_ADDR=address)

    def post(self, message: Any, **headers: str) -> Any:
        body = message if isinstance(message, bytes) else orjson.dumps(message)
        return self.client.post("/mcp", body, content_type="application/json", headers=headers)

    def ask(self, method: str, **params: Any) -> Any:
        answer = self.post({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
        assert answer.status_code == 200
        told = answer.json()
        assert (told["jsonrpc"], told["id"]) == ("2.0", 7)
        return told.get("result") or told.get("error") or {}

    def call(self, name: str, **arguments: Any) -> Any:
        """What the tool answers, or refuses."""
        result = self.ask("tools/call", name=name, arguments=arguments)
        assert orjson.loads(result["content"][0]["text"]) == result["structuredContent"]
        assert result["isError"] is ("code" in result["structuredContent"])
        return result["structuredContent"]

    def ask_terms(self, service: Service, start: datetime) -> Any:
        return self.call(
            "terms", tradie=service.tradie.slug, service=str(service.pk), start=start.isoformat()
        )

    def hold(self, service: Service, start: datetime, **changed: Any) -> Any:
        sent = booking_request(service, start) | {
            "agreed_terms": self.ask_terms(service, start)["terms_id"],
            "idempotency_key": str(uuid.uuid4()),
        }
        return self.call("hold", **(sent | changed))


@pytest.fixture
def open_sam(sam: Tradie) -> Tradie:
    sam.for_assistants = True
    sam.save(update_fields=["for_assistants"])
    return sam


@pytest.fixture
def free_visit(open_sam: Tradie) -> Service:
    """Nothing is due for it."""
    return make_service(open_sam, name="Free visit", deposit_kind="none")


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


def test_it_begins_with_a_version_that_both_speak(assistant: Assistant) -> None:
    for asked, told in (
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ):
        began = assistant.ask("initialize", protocolVersion=asked, capabilities={}, clientInfo={})
        assert began["protocolVersion"] == told
        assert began["capabilities"] == {"tools": {"listChanged": False}}
    assert assistant.ask("ping") == {}


def test_what_is_no_message_of_the_protocol_is_refused_as_the_protocol_says(assistant: Assistant) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    refused = {
        b"{": -32700,
        orjson.dumps([ping]): -32600,
        b"7": -32600,
        orjson.dumps({**ping, "jsonrpc": "1.0"}): -32600,
        orjson.dumps({**ping, "id": None}): -32600,
        orjson.dumps({**ping, "id": True}): -32600,
    }
    for body, code in refused.items():
        answer = assistant.post(body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code), body
    assert assistant.ask("resources/list")["code"] == -32601
    assert assistant.ask("tools/call", name="drop_tables")["code"] == -32602
    assert assistant.post({**ping, "params": []}).json()["error"]["code"] == -32602


def test_what_wants_no_answer_gets_none(assistant: Assistant) -> None:
    for message in (
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 1, "result": {}},
    ):
        answer = assistant.post(message)
        assert (answer.status_code, answer.content) == (202, b"")


def test_at_the_door(assistant: Assistant) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert assistant.post(ping, **{"MCP-Protocol-Version": "2025-06-18"}).status_code == 200
    assert assistant.post(ping, **{"MCP-Protocol-Version": "1999-01-01"}).status_code == 400
    assert assistant.post(ping, Origin="http://testserver").status_code == 200
    for other in ("https://evil.example", "null", "http://testserver.evil.example", "http://[testserver"):
        assert assistant.post(ping, Origin=other).status_code == 403
    assert assistant.client.get("/mcp").status_code == 405
    assert assistant.post(b" " * (LARGEST_JSON + 1)).status_code == 400


def test_tools_take_what_the_api_takes(assistant: Assistant) -> None:
    tools = {tool["name"]: tool for tool in assistant.ask("tools/list")["tools"]}
    assert list(tools) == ["find_services", "free_times", "terms", "hold", "status", "move", "cancel"]
    of_api, of_hold = schema_of(BookingInput), tools["hold"]["inputSchema"]
    own = {"agreed_terms", "idempotency_key"}
    assert of_hold == schema_of(HoldInput)
    assert {name: of_hold["properties"][name] for name in of_hold["properties"].keys() - own} == {
        name: of_api["properties"][name] for name in of_api["properties"].keys() - {"hold", "calendar"}
    }
    assert set(of_hold["required"]) == {*of_api["required"], *own}
    assert b"$ref" not in orjson.dumps(tools)
    changing = [name for name, tool in tools.items() if not tool["annotations"]["readOnlyHint"]]
    assert changing == ["hold", "move", "cancel"]
    assert [name for name, tool in tools.items() if tool["annotations"]["destructiveHint"]] == ["cancel"]
    assert {tool["inputSchema"]["type"] for tool in tools.values()} == {"object"}


def test_the_schemas_are_ones_and_fit_what_is_sent(assistant: Assistant, drain: Service) -> None:
    tools = {tool["name"]: tool["inputSchema"] for tool in assistant.ask("tools/list")["tools"]}
    for schema in tools.values():
        Draft202012Validator.check_schema(schema)
    fits = Draft202012Validator(tools["hold"]).is_valid
    sent = booking_request(drain, soon(drain.tradie)) | {
        "agreed_terms": "0" * 64,
        "idempotency_key": str(uuid.uuid4()),
    }
    assert fits(sent)
    assert not any(fits({**sent, name: "?"}) for name in ("tradie", "start", "customer", "agreed_terms"))
    when = tools["free_times"]["properties"]
    assert Draft202012Validator(when["date"]).is_valid("2027-01-14")
    assert Draft202012Validator(when["month"]).is_valid("2027-01")
    assert rb"\\Z" not in orjson.dumps(tools)  # an end that only Python knows


def test_every_refusal_says_what_to_do_next() -> None:
    assert set(NEXT) == {error.code for error in ALL_ERRORS} | {"TERMS_NOT_AGREED"}


def test_from_finding_to_paying(
    assistant: Assistant, open_sam: Tradie, drain: Service, stripe_app: Any
) -> None:
    found = assistant.call("find_services", words=f"{drain.name} {open_sam.suburb}".lower())
    (business,) = found["businesses"]
    assert business["slug"] == open_sam.slug
    assert str(drain.pk) in [service["id"] for service in business["services"]]
    start = soon(open_sam)
    of = {"tradie": open_sam.slug, "service": str(drain.pk)}
    day = assistant.call("free_times", **of, date=start.date().isoformat())
    assert start.isoformat() in [slot["start"] for slot in day["slots"]]
    agreed = assistant.ask_terms(drain, start)
    assert agreed["policy_statement"]
    held = assistant.hold(drain, start)
    assert (held["status"], held["deposit_cents"]) == ("pending", agreed["deposit_cents"])
    assert held["policy_statement"] == agreed["policy_statement"]
    assert held["pay_url"].startswith(f"{django_settings.SITE_URL}/book/{open_sam.slug}?")
    assert f"token={held['token']}" in held["pay_url"]
    stands = assistant.call("status", token=held["token"])
    assert stands == held
    assert "Citizen" not in orjson.dumps(stands).decode()
    taken = assistant.hold(drain, start)
    assert (taken["code"], bool(taken["alternatives"])) == ("SLOT_UNAVAILABLE", True)


def test_nobody_holds_without_the_terms_as_they_are(
    assistant: Assistant, free_visit: Service, settings: Any
) -> None:
    start = soon(free_visit.tradie)
    shown = assistant.ask_terms(free_visit, start)["terms_id"]
    assert assistant.hold(free_visit, start, agreed_terms="")["code"] == "VALIDATION_FAILED"
    assert assistant.hold(free_visit, start, agreed_terms="0" * 64)["code"] == "TERMS_NOT_AGREED"
    Service.objects.filter(pk=free_visit.pk).update(price_cents=99_900)
    assert assistant.hold(free_visit, start, agreed_terms=shown)["code"] == "TERMS_NOT_AGREED"
    assert not Booking.objects.exists()
    key = str(uuid.uuid4())
    made = assistant.hold(free_visit, start, idempotency_key=key)
    assert (made["status"], made["pay_url"]) == ("confirmed", None)
    Service.objects.filter(pk=free_visit.pk).update(price_cents=88_800)
    assert assistant.hold(free_visit, start, idempotency_key=key, agreed_terms=shown)["id"] == made["id"]


def test_a_deposit_that_a_rule_raises_is_in_the_terms_with_its_reason(
    assistant: Assistant, open_sam: Tradie, drain: Service, stripe_app: Any
) -> None:
    Tradie.objects.update(deposit_rules=as_column([DepositRule(RuleKind.BIG, least=1, cents=2_000)]))
    start = soon(open_sam)
    agreed = assistant.ask_terms(drain, start)
    assert agreed["deposit_cents"] == 5_000
    assert agreed["deposit_raised"].startswith(
        "The deposit for this booking is $50 instead of $30: the price is"
    )
    held = assistant.hold(drain, start)
    assert (held["status"], held["deposit_cents"]) == ("pending", 5_000)
    Tradie.objects.update(deposit_rules=[])
    assert assistant.ask_terms(drain, start)["deposit_raised"] is None
    assert assistant.hold(drain, start, agreed_terms=agreed["terms_id"])["code"] == "TERMS_NOT_AGREED"


def test_cancelling_says_first_what_goes_back_and_is_done_once(assistant: Assistant, drain: Service) -> None:
    booking = make_booking(drain, soon(drain.tradie, days=10))
    pay(booking, 3_000)
    token = token_of(booking)
    shown = assistant.call("cancel", token=token)
    assert (shown["refund_cents"], shown["kept_cents"]) == (3_000, 0)
    assert "$30" in shown["sentence"]
    assert assistant.call("cancel", token=token, agreed_terms="0" * 64)["code"] == "TERMS_NOT_AGREED"
    assert assistant.call("status", token=token)["status"] == "confirmed"
    for _ in range(2):
        done = assistant.call("cancel", token=token, agreed_terms=shown["terms_id"])
        assert done["status"] == "cancelled"
    assert [refund.amount_cents for refund in Refund.objects.all()] == [3_000]
    assert assistant.call("cancel", token=token)["code"] == "BOOKING_NOT_CHANGEABLE"
    assert assistant.call("cancel", token="wrong")["code"] == "UNAUTHORIZED"


def test_what_is_agreed_to_is_the_figure_as_it_is_then(assistant: Assistant, drain: Service) -> None:
    booking = make_booking(drain, soon(drain.tradie, days=10))
    pay(booking, 3_000)
    shown = assistant.call("cancel", token=token_of(booking))
    refund(booking.payments.get(), 1_000)
    again = {"token": token_of(booking), "agreed_terms": shown["terms_id"]}
    assert assistant.call("cancel", **again)["code"] == "TERMS_NOT_AGREED"
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_moving_says_first_what_it_means_and_is_done_once(assistant: Assistant, drain: Service) -> None:
    booking = make_booking(drain, soon(drain.tradie, days=10, hour=9))
    token, start = token_of(booking), soon(drain.tradie, days=11, hour=9)
    to = {"token": token, "start": start.isoformat()}
    shown = assistant.call("move", **to)
    assert datetime.fromisoformat(shown["to"]) == start
    assert shown["policy_statement"]
    assert assistant.call("move", **to, agreed_terms="0" * 64)["code"] == "TERMS_NOT_AGREED"
    for _ in range(2):
        moved = assistant.call("move", **to, agreed_terms=shown["terms_id"])
        assert (datetime.fromisoformat(moved["start"]), moved["id"]) == (start, str(booking.pk))
    assert Booking.objects.get().sequence == 1
    back = {"token": token, "start": booking.starts_at.isoformat()}
    make_booking(drain, booking.starts_at)
    taken = assistant.call("move", **back)
    assert (taken["code"], bool(taken["alternatives"])) == ("SLOT_UNAVAILABLE", True)


def test_of_many_only_so_many_are_looked_at_for_a_postcode(
    assistant: Assistant, open_sam: Tradie, monkeypatch: pytest.MonkeyPatch
) -> None:
    Tradie.objects.update(area_km=20, area_postcode="2204")
    monkeypatch.setattr("web.mcp.finding.MOST_LOOKED_AT", 1)
    assert assistant.call("find_services", postcode="6000") == {"businesses": [], "more": True}


def test_a_business_that_is_off_is_not_found(assistant: Assistant, sam: Tradie, drain: Service) -> None:
    start = soon(sam)
    of = {"tradie": sam.slug, "service": str(drain.pk)}
    sent = booking_request(drain, start) | {"agreed_terms": "0" * 64, "idempotency_key": str(uuid.uuid4())}
    assert assistant.call("find_services") == {"businesses": [], "more": False}
    for refused in (
        assistant.call("free_times", **of, date=start.date().isoformat()),
        assistant.call("terms", **of, start=start.isoformat()),
        assistant.call("hold", **sent),
    ):
        assert refused["code"] == "NOT_FOUND"
        assert "find_services" in refused["next"]
    assert assistant.client.get("/llms.txt").status_code == 404


def test_what_is_wrong_is_named(assistant: Assistant, free_visit: Service) -> None:
    start = soon(free_visit.tradie)
    refused = assistant.hold(
        free_visit, start, customer={"name": "Jo", "email": "jo", "phone": "0412 345 678"}
    )
    assert (refused["code"], list(refused["fields"])) == ("VALIDATION_FAILED", ["customer.email"])
    assert assistant.call("free_times", tradie=free_visit.tradie.slug, service=str(free_visit.pk))["fields"]
    assert assistant.call("status", token="wrong")["code"] == "UNAUTHORIZED"


def test_who_is_too_far_away_does_not_find_it(assistant: Assistant, open_sam: Tradie) -> None:
    Tradie.objects.update(area_km=20, area_postcode="2204")
    assert len(assistant.call("find_services", postcode="2042")["businesses"]) == 1
    assert assistant.call("find_services", postcode="6000")["businesses"] == []


def test_how_to_begin(client: Client, open_sam: Tradie) -> None:
    answer = client.get("/llms.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert f"{django_settings.SITE_URL}/mcp" in answer.content.decode()


def test_holds_are_counted_by_address(assistant: Assistant, free_visit: Service, settings: Any) -> None:
    settings.RATE_LIMITS = True
    start = soon(free_visit.tradie)
    codes = [assistant.hold(free_visit, start, agreed_terms="0" * 64)["code"] for _ in range(21)]
    assert codes == ["TERMS_NOT_AGREED"] * 20 + ["RATE_LIMITED"]


@pytest.mark.django_db(transaction=True)
def test_fifty_assistants_that_want_one_time_end_with_one_booking(free_visit: Service) -> None:
    start = soon(free_visit.tradie)

    def one(number: int) -> str:
        try:
            who = {"name": "Jo", "email": f"jo{number}@example.com", "phone": f"04{13_000_000 + number}"}
            told = Assistant(f"203.0.113.{number}").hold(free_visit, start, customer=who)
            return str(told.get("status") or told["code"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(one, range(50))) == {"confirmed": 1, "SLOT_UNAVAILABLE": 49}
    assert Booking.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_slow_assistant_that_sends_again_and_again_ends_with_one_booking(
    open_sam: Tradie, drain: Service, stripe_app: Any
) -> None:
    """It gives up on answers, and sends the same while the first is still worked on."""
    start, key = soon(open_sam), str(uuid.uuid4())

    def one(number: int) -> Any:
        try:
            time.sleep(number % 3 / 20)  # as slow as it is
            return Assistant().hold(drain, start, idempotency_key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(one, range(8)))
    made = {answer["id"] for answer in told}
    assert len(made) == Booking.objects.count() == 1
    assert {answer["pay_url"] for answer in told} == {told[0]["pay_url"]}
    other = Assistant().hold(drain, start, idempotency_key=key, notes="Another job")
    assert other["code"] == "IDEMPOTENCY_CONFLICT"


@pytest.mark.parametrize("wrong", [[], "postcode=2042", 7])
def test_arguments_that_are_no_object_are_told_so_and_null_is_none(wrong: Any, drain: Service) -> None:
    assistant = Assistant()
    answer = assistant.ask("tools/call", name="find_services", arguments=wrong)
    assert (answer["code"], "is an object" in answer["message"]) == (-32602, True)
    assert assistant.ask("tools/call", name="find_services", arguments=None)["isError"] is False


def test_who_names_a_service_by_its_name_is_told_what_to_use(drain: Service) -> None:
    refused = Assistant().call("free_times", tradie=drain.tradie.slug, service=drain.name, month="2027-01")
    assert refused["fields"] == {"service": ["Use the `id` of a service as find_services answers it."]}
