"""What a business asks of who books a service: written on a page, asked by the widget, answered in the booking."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Service, Tradie
from bookings.models import Booking
from local.testing.cast import Api, booking_request, make_booking, owner_of, soon
from web.dashboard.versions import CHANGED_ELSEWHERE
from web.tests.page_forms import PageForm, forms_of

pytestmark = pytest.mark.django_db(transaction=True)

WHERE = {"label": "Which drain is it?", "choices": "Kitchen\n Shower \n\nKitchen", "required": "on"}
GATE = {"label": "Gate code?", "choices": ""}


@pytest.fixture
def dashboard(sam: Tradie) -> Client:
    """Not that of the public's requests, which carry no cookies."""
    client = Client()
    client.force_login(owner_of(sam))
    return client


def page_of(service: Service) -> str:
    return f"/dashboard/services/{service.pk}/questions"


def opened(client: Client, service: Service) -> PageForm:
    return next(form for form in forms_of(client.get(page_of(service))) if "version" in form.fields)


def typed(client: Client, service: Service, *rows: dict[str, str]) -> dict[str, str]:
    """As the page would send it, with these in it."""
    counts = {"question-TOTAL_FORMS": str(len(rows)), "question-INITIAL_FORMS": "0"}
    cells = {
        f"question-{number}-{name}": value
        for number, row in enumerate(rows)
        for name, value in {"id": "", **row}.items()
    }
    return {"version": opened(client, service).fields["version"], **counts, **cells}


def shown(page: Any) -> list[tuple[str, str]]:
    """The questions in their order, each with its answers."""
    questions = page.context["questions"]
    return [(form.typed["label"], form.typed["choices"]) for form in questions.forms]


def test_questions_are_saved_in_order_and_keep_who_they_are(dashboard: Client, drain: Service) -> None:
    assert (
        "None yet. Ask what you need to know"
        in dashboard.get(f"/dashboard/services/{drain.pk}").content.decode()
    )
    answer = dashboard.post(
        page_of(drain), typed(dashboard, drain, WHERE, {"label": "", "choices": ""}, GATE)
    )
    assert answer["Location"] == f"/dashboard/services/{drain.pk}"
    drain.refresh_from_db()
    first, second = drain.questions
    assert first == {
        "id": first["id"],
        "label": "Which drain is it?",
        "required": True,
        "choices": ["Kitchen", "Shower"],
        "photo": False,
    }
    assert (second["label"], second["required"], second["choices"]) == ("Gate code?", False, [])
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.about, entry.detail) == ("service_changed", "Blocked drain", "questions")
    page = unescape(dashboard.get(answer["Location"]).content.decode())
    assert page.index("Which drain is it?") < page.index("Gate code?")
    again = typed(dashboard, drain, {**GATE, "id": second["id"]}, {**WHERE, "id": first["id"]})
    dashboard.post(page_of(drain), again)
    drain.refresh_from_db()
    assert drain.questions == [second, first]
    dashboard.post(page_of(drain), typed(dashboard, drain))
    drain.refresh_from_db()
    assert drain.questions == []


def test_an_id_that_is_no_question_of_this_service_is_not_taken(dashboard: Client, drain: Service) -> None:
    dashboard.post(page_of(drain), typed(dashboard, drain, {**GATE, "id": "x.y"}, {**WHERE, "id": "x.y"}))
    drain.refresh_from_db()
    first, second = (row["id"] for row in drain.questions)
    assert first != second
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in (first, second))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"label": "", "choices": "A\nB"}, "Write what you ask."),
        ({"label": "Which?", "choices": "Kitchen"}, "One answer is no choice"),
        ({"label": "Which?", "choices": "\n".join(map(str, range(21)))}, "Write 20 answers at most."),
        ({"label": "Which?", "choices": f"{'A' * 101}\nB"}, "An answer has 100 letters at most."),
        ({"label": "", "choices": "", "photo": "on"}, "Write what you ask."),
        ({"label": "Which?", "choices": "A\nB", "photo": "on"}, "leave one of the two away"),
        ({"label": "?" * 201, "choices": ""}, "at most 200"),
    ],
)
def test_what_cannot_be_asked_is_refused_beside_it(
    dashboard: Client, drain: Service, row: dict[str, str], said: str
) -> None:
    page = dashboard.post(page_of(drain), typed(dashboard, drain, row))
    assert page.status_code == 400
    assert said in page.content.decode()
    assert shown(page) == [(row["label"], row["choices"])]
    assert Service.objects.get().questions == []


def test_its_buttons_change_what_is_on_the_page_and_save_nothing(dashboard: Client, drain: Service) -> None:
    rows = [WHERE, GATE]
    names = {"Which drain is it?": "W", "Gate code?": "G", "": "-"}
    presses = {
        "add_line": ("1", "WG-"),
        "remove_line": ("question-0", "G"),
        "up": ("question-1", "GW"),
        "down": ("question-0", "GW"),
    }
    for button, (value, order) in presses.items():
        page = dashboard.post(page_of(drain), {**typed(dashboard, drain, *rows), button: value})
        assert "".join(names[label] for label, _ in shown(page)) == order, button
    for button, value in (("up", "question-0"), ("down", "question-1"), ("up", "x")):
        page = dashboard.post(page_of(drain), {**typed(dashboard, drain, *rows), button: value})
        assert [label for label, _ in shown(page)] == ["Which drain is it?", "Gate code?"]
    assert Service.objects.get().questions == []


def test_what_somebody_else_saved_meanwhile_is_shown_before_it_is_replaced(
    dashboard: Client, drain: Service
) -> None:
    mine = typed(dashboard, drain, WHERE)
    dashboard.post(page_of(drain), typed(dashboard, drain, GATE))
    page = dashboard.post(page_of(drain), mine)
    told = unescape(page.content.decode())
    assert CHANGED_ELSEWHERE in told
    assert "Saved elsewhere: “<bdi>Gate code?</bdi>”." in told
    version = page.context["form"]["version"]
    assert dashboard.post(page_of(drain), {**mine, "version": version}).status_code == 302
    assert [row["label"] for row in Service.objects.get().questions] == ["Which drain is it?"]


def test_pressed_twice_it_is_saved_once(dashboard: Client, drain: Service) -> None:
    page = typed(dashboard, drain, WHERE, GATE)
    answers = [dashboard.post(page_of(drain), page).status_code]
    first = Service.objects.get().questions
    answers.append(dashboard.post(page_of(drain), page).status_code)
    assert answers == [302, 302]
    assert Service.objects.get().questions == first
    assert AuditEntry.objects.count() == 1


def test_what_older_pages_stored_is_read_as_it_was_meant(dashboard: Client, drain: Service) -> None:
    """Of a time when nothing but text was an answer."""
    Service.objects.filter(pk=drain.pk).update(questions=[{"id": "gate", "label": "Gate code?"}])
    [told] = dashboard.get("/api/services").json()["services"]
    assert told["questions"] == [
        {"id": "gate", "label": "Gate code?", "required": False, "choices": [], "photo": False}
    ]
    assert shown(dashboard.get(page_of(drain))) == [("Gate code?", "")]


def test_the_questions_are_asked_and_the_answers_read(
    dashboard: Client, api: Api, sam: Tradie, quote: Service, drain: Service
) -> None:
    """Beside those of another service; a customer can only choose what there is to choose."""
    before = make_booking(drain)
    dashboard.post(page_of(quote), typed(dashboard, quote, WHERE, GATE))
    told = {one["id"]: one["questions"] for one in api.get(f"/api/tradies/{sam.slug}").json()["services"]}
    where, gate = told[str(quote.pk)]
    assert (where["choices"], where["required"], gate["choices"]) == (["Kitchen", "Shower"], True, [])
    assert told[str(drain.pk)] == []
    request = booking_request(quote, soon(sam))
    for answers, said in (
        ({}, "Please answer this question."),
        ({where["id"]: "Attic"}, "Choose one of these"),
    ):
        refused = api.post("/api/bookings", {**request, "answers": answers})
        assert refused.status_code == 400
        assert said in str(refused.json()["fields"])
    answers = {where["id"]: "Shower", gate["id"]: "1234"}
    assert api.post("/api/bookings", {**request, "answers": answers}).status_code == 201
    booking = Booking.objects.exclude(pk=before.pk).get()
    page = dashboard.get(f"/dashboard/bookings/{booking.pk}").content.decode()
    assert page.index("Which drain is it?") < page.index("Shower") < page.index("Gate code?")
    dashboard.post(page_of(quote), typed(dashboard, quote))
    assert "Which drain is it?" in dashboard.get(f"/dashboard/bookings/{booking.pk}").content.decode()
