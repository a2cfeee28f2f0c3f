"""Customers, services and jobs ahead from a file: what would become of each row is said first, then it does, once."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.audit import changes_of
from accounts.models import Service, Tradie, User
from accounts.service_rules import DepositKind
from availability.models import TimeOff
from bookings import series
from bookings.customer_models import Customer
from bookings.customers import assign_missing
from bookings.imported_customers import forget_imported
from bookings.models import Booking, BookingEvent, Series, Status
from bookings.series_models import State
from invoicing.everything import KINDS
from invoicing.exports import content_of
from invoicing.importing import bringing
from invoicing.models import BroughtFile
from local.testing.cast import make_booking, make_service, make_tradie, owner_of
from notifications.models import Message
from peepopay.local_time import in_zone, zone
from web.dashboard.versions import version_of
from web.tests.dashboard.test_exports import made
from web.tests.page_forms import Browser

PAGE = "/dashboard/import"
PEOPLE = """First Name,Last Name,Mobile,Email Address,Street,City,State,Zip,Notes
Zoë,O'Neill,0412 000 111,ZOE@example.com,1 King St,Newtown,NSW,2042,Likes tea
Sam,Nobody,,,,,,,
=Evil,Cell,412000222,,,,,,
"""
HEAD = "Start,Service,Customer,Phone,Address\n"


@pytest.fixture
def owner(sam: Tradie, client: Browser) -> Browser:
    client.force_login(owner_of(sam))
    return client


def sent(client: Browser, content: str | bytes, name: str = "file.csv") -> BroughtFile:
    """As somebody sends it; it must be readable."""
    answer = send(client, content, name)
    assert answer.status_code == 302, answer.content.decode()
    return BroughtFile.objects.get(pk=answer["Location"].split("/")[-1])


def send(client: Browser, content: str | bytes, name: str = "file.csv") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(PAGE, {"file": SimpleUploadedFile(name, raw), "form_key": str(uuid4())})


def said(file: BroughtFile) -> list[tuple[str, str, str]]:
    return [(one["what"], one["name"], one["says"]) for one in file.outcomes]


def as_shown(file: BroughtFile) -> dict[str, str]:
    return {"version": version_of(file.outcomes)}


def brought_in(client: Browser, file: BroughtFile) -> BroughtFile:
    file.refresh_from_db()
    assert client.post(f"{PAGE}/{file.pk}/run", as_shown(file)).status_code == 302
    file.refresh_from_db()
    return file


def day_ahead(days: int = 3) -> datetime:
    return in_zone(timezone.now() + timedelta(days=days), "Australia/Sydney").replace(
        hour=9, minute=0, second=0, microsecond=0
    )


def clock_at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), zone("Australia/Sydney"))


def job_row(
    start: str, phone: str = "0412 345 678", name: str = "Jo Citizen", service: str = "Blocked drain"
) -> str:
    return f'{start},{service},{name},{phone},"1 George Street, Newtown NSW 2042"\n'


def test_each_row_is_told_first_and_nothing_happens_before_the_button(owner: Browser, sam: Tradie) -> None:
    file = sent(owner, PEOPLE)
    assert said(file) == [
        ("new", "Zoë O'Neill", ""),
        (
            "refused",
            "Sam Nobody",
            "It has neither a phone number nor an email address, so we couldn't know them again.",
        ),
        ("new", "=Evil Cell", ""),
    ]
    page = owner.get(f"{PAGE}/{file.pk}").content.decode()
    assert "Bring in 2 rows" in page
    assert not sam.customers.exists()

    brought_in(owner, file)
    zoe, evil = sam.customers.order_by("-name")
    assert (zoe.name, zoe.notes) == ("Zoë O'Neill", "Likes tea\nAddress: 1 King St, Newtown NSW 2042")
    assert [contact.value for contact in zoe.contacts.all()] == ["+61412000111", "zoe@example.com"]
    assert [contact.value for contact in evil.contacts.all()] == ["+61412000222"]
    assert "Zoë O'Neill" in unescape(owner.get("/dashboard/customers").content.decode())
    entry = changes_of(sam)[0]
    assert (entry.kind, entry.detail) == ("imported", "2 new customers")
    assert not Message.objects.exists()


def test_pressed_twice_and_sent_twice_it_is_there_once(owner: Browser, sam: Tradie) -> None:
    file = sent(owner, PEOPLE)
    brought_in(owner, file)
    brought_in(owner, file)
    assert (sam.customers.count(), [entry.kind for entry in changes_of(sam)]) == (2, ["imported"])
    assert file.sheets == []
    again = sent(owner, PEOPLE)
    assert [what for what, _, _ in said(again)] == ["same", "refused", "same"]
    assert "Bring in" not in owner.get(f"{PAGE}/{again.pk}").content.decode().partition("In short")[2]
    brought_in(owner, again)
    assert sam.customers.count() == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_usual_encoding_and_delimiter_is_read(
    owner: Browser, sam: Tradie, encoding: str, delimiter: str
) -> None:
    table = "Name;Mobile;Notes\nRenée Müller;0412 000 111;Ring, then knock\n".replace(";", delimiter)
    table = table.replace("Ring, then knock", '"Ring, then knock"')
    brought_in(owner, sent(owner, table.encode(encoding)))
    customer = sam.customers.get()
    assert (customer.name, customer.notes) == ("Renée Müller", "Ring, then knock")


def test_who_is_known_is_added_to_and_never_overwritten(owner: Browser, sam: Tradie, drain: Service) -> None:
    make_booking(drain)
    assign_missing(now=timezone.now())
    file = sent(owner, "Name,Mobile,Email\nJosephine,0412 345 678,jo@work.example\n")
    assert said(file) == [("changed", "Josephine", "Here: Jo Citizen. Adds jo@work.example.")]
    brought_in(owner, file)
    customer = sam.customers.get()
    assert customer.name == "Jo Citizen"
    assert {contact.value for contact in customer.contacts.all()} == {
        "+61412345678",
        "jo@example.com",
        "jo@work.example",
    }


def test_one_row_never_makes_one_of_two_people(owner: Browser, sam: Tradie) -> None:
    brought_in(owner, sent(owner, "Name,Mobile,Email\nJo,0412000111,\nKim,,kim@example.com\n"))
    file = sent(owner, "Name,Mobile,Email\nBoth,0412000111,kim@example.com\n")
    assert said(file)[0][0] == "refused"
    assert "two customers: Jo and Kim" in said(file)[0][2]


def test_columns_can_be_chosen(owner: Browser, sam: Tradie) -> None:
    file = sent(owner, "Wer,Wo,Womit\nJo,Somewhere,0412000111\n")
    chosen = {"kind": "customers", "column-0": "", "column-1": "", "column-2": ""}
    owner.post(f"{PAGE}/{file.pk}/choices", chosen)
    owner.post(f"{PAGE}/{file.pk}/choices", {**chosen, "column-0": "name", "column-2": "mobile"})
    file.refresh_from_db()
    assert said(file) == [("new", "Jo", "")]
    assert not sam.customers.exists()


def test_only_what_was_shown_is_brought_in(owner: Browser, sam: Tradie) -> None:
    file = sent(owner, "Name,Mobile,Email\nJo,0412000111,jo@example.com\n")
    shown = as_shown(file)
    chosen = {"kind": "customers", "column-0": "name", "column-1": "", "column-2": "email"}
    assert owner.post(f"{PAGE}/{file.pk}/choices", chosen | {"column-0": ""}).status_code == 302
    for stale in (shown, {}):
        page = owner.post(f"{PAGE}/{file.pk}/run", stale, follow=True)
        assert "Somebody chose anew what the columns are" in page.content.decode()
    assert not sam.customers.exists()
    owner.post(f"{PAGE}/{file.pk}/choices", chosen)
    brought_in(owner, file)
    assert {contact.value for contact in sam.customers.get().contacts.all()} == {"jo@example.com"}


def test_services_are_new_changed_or_refused_by_the_rules_of_any_service(
    owner: Browser, sam: Tradie, drain: Service
) -> None:
    table = "Service,Duration,Price\nBlocked Drain,1h,$130\nLeaking tap,1:30,90\nNothing,,5\nDay,13h,1\n"
    file = sent(owner, table)
    assert said(file) == [
        ("changed", "Blocked Drain", "Price from $120 to $130"),
        ("new", "Leaking tap", ""),
        ("refused", "Nothing", "It doesn't say how long the job takes."),
        ("refused", "Day", "A service lasts from 5 minutes to 12 hours."),
    ]
    brought_in(owner, file)
    assert [(s.name, s.duration_minutes, s.price_cents) for s in sam.services.order_by("price_cents")] == [
        ("Leaking tap", 90, 9_000),
        ("Blocked drain", 60, 13_000),
    ]
    assert {what for what, _, _ in said(sent(owner, table))} == {"same", "refused"}


def test_jobs_ahead_go_by_the_rules_of_one_made_by_hand(owner: Browser, sam: Tradie, drain: Service) -> None:
    day = day_ahead()
    there = make_booking(drain, day.replace(hour=13), customer_phone="+61499999999")
    table = HEAD
    table += job_row(f"{day:%d/%m/%Y} 9:00 am")
    table += job_row(f"{day:%Y-%m-%d} 09:30", phone="0412 000 222")  # within the one above
    table += job_row(f"{day:%Y-%m-%dT}13:30:00", phone="0412 000 333")
    table += job_row(f"{day:%d %b %Y} 8pm", phone="0412 000 444")
    table += job_row("01/02/2020 9:00", phone="0412 000 555")
    table += job_row(f"{day:%d/%m/%Y} 15:00", service="Roofing")
    table += job_row("soon")
    file = sent(owner, table)
    whats = [what for what, _, _ in said(file)]
    assert whats == ["new", "clash", "clash", "new", "kept", "refused", "refused"]
    assert "Jo Citizen, Blocked drain" in said(file)[1][2]
    assert there.reference in said(file)[2][2]
    assert said(file)[3][2] == "Blocked drain. It is outside the working hours."
    assert not Booking.objects.exclude(pk=there.pk).exists()

    brought_in(owner, file)
    first, last = Booking.objects.exclude(pk=there.pk)
    assert (first.starts_at, first.status, first.customer_name) == (day, Status.CONFIRMED, "Jo Citizen")
    assert (first.address_line1, first.address_suburb, first.address_postcode) == (
        "1 George Street",
        "Newtown",
        "2042",
    )
    assert (first.tell_customer, first.taken_by_business, first.deposit_cents) == (False, True, 0)
    assert last.customer_phone == "+61412000444"
    assert not Message.objects.exists()
    assert [what for what, _, _ in said(sent(owner, table))] == ["same", "clash", "clash", "same", *whats[4:]]


def test_entries_of_a_calendar_come_each_as_what_it_is(owner: Browser, sam: Tradie, drain: Service) -> None:
    day = day_ahead()

    def event(hour: int, *more: str, summary: str = "Blocked drain: Jo Citizen") -> str:
        return "\r\n".join(
            [
                "BEGIN:VEVENT",
                f"UID:{hour}",
                f"DTSTART;TZID=Australia/Sydney:{day:%Y%m%d}T{hour:02}0000",
                "DURATION:PT90M",
                f"SUMMARY:{summary}",
                "LOCATION:1 George Street\\, Newtown NSW 2042",
                "DESCRIPTION:Ring 0412 345 678",
                *more,
                "END:VEVENT",
            ]
        )

    entries = [event(9), event(11, "RRULE:FREQ=DAILY;INTERVAL=0"), event(13, summary="Dentist")]
    file = sent(
        owner, "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *entries, "END:VCALENDAR", ""]), "my.ics"
    )
    assert [what for what, _, _ in said(file)] == ["new", "refused", "refused"]
    assert said(file)[2][2].startswith("It repeats")
    owner.post(f"{PAGE}/{file.pk}/choices", {"service": str(drain.pk), "others": ""})
    file.refresh_from_db()
    assert [(what, name.partition(",")[0]) for what, name, _ in said(file)] == [
        ("new", "Jo Citizen"),
        ("new", "Dentist"),
        ("refused", "Blocked drain: Jo Citizen"),
    ]
    brought_in(owner, file)
    job = Booking.objects.get(customer_name="Jo Citizen")
    assert (job.starts_at, job.duration_minutes, job.customer_phone) == (day, 90, "+61412345678")


def repeating(
    *more: str, day: datetime | None = None, hour: int = 9, summary: str = "Blocked drain: Jo Citizen"
) -> str:
    """A calendar of one entry since weeks ago."""
    first = (day or day_ahead() - timedelta(weeks=8)).replace(hour=hour)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        "UID:again",
        f"DTSTART;TZID=Australia/Sydney:{first:%Y%m%dT%H%M%S}",
        "DURATION:PT90M",
        f"SUMMARY:{summary}",
        "LOCATION:1 George Street\\, Newtown NSW 2042",
        "DESCRIPTION:Ring 0412 345 678",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def test_an_entry_that_repeats_comes_as_its_dates_and_goes_on(
    owner: Browser, sam: Tradie, drain: Service
) -> None:
    day = day_ahead()
    weeks = [day.date() + number * timedelta(weeks=1) for number in range(12)]
    left_out, moved, taken = weeks[1:4]
    make_booking(drain, clock_at(taken, 9, 30), customer_name="Alex Other", customer_phone="+61412000999")
    content = repeating(
        "RRULE:FREQ=WEEKLY",
        f"EXDATE;TZID=Australia/Sydney:{left_out:%Y%m%d}T090000",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:again",
        f"RECURRENCE-ID;TZID=Australia/Sydney:{moved:%Y%m%d}T090000",
        f"DTSTART;TZID=Australia/Sydney:{moved:%Y%m%d}T140000",
        "DURATION:PT60M",
        "SUMMARY:Blocked drain: Jo Citizen",
        "LOCATION:1 George Street\\, Newtown NSW 2042",
        "DESCRIPTION:Ring 0412 345 678",
    )
    file = sent(owner, content, "my.ics")
    assert [what for what, _, _ in said(file)] == ["new", "new", "clash", *["new"] * 8]
    assert f"It goes on every week on {day:%A} at 9:00 am." in said(file)[0][2]
    brought_in(owner, file)
    made = Series.objects.get()
    states = dict(made.visits.values_list("on", "state"))
    expected = dict.fromkeys(weeks, State.BOOKED) | {left_out: State.SKIPPED, taken: State.TAKEN}
    assert states == expected
    starts = {visit.on: visit.booking.starts_at for visit in made.visits.exclude(booking=None)}
    assert starts[moved] == clock_at(moved, 14)
    assert {starts[on] == clock_at(on, 9) for on in starts if on != moved} == {True}
    count = Booking.objects.count()
    assert {what for what, _, _ in said(sent(owner, content, "my.ics"))} == {"same", "clash"}
    series.make_out_all(now=timezone.now() + timedelta(weeks=2))
    assert Booking.objects.count() == count + 2
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("rule", "rows", "goes_on"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}", 6, "every two weeks on"),
        ("FREQ=MONTHLY;BYDAY={nth}{weekday}", 3, "of the month at 9:00 am"),
        ("FREQ=WEEKLY;COUNT=10", 2, "until"),
        ("FREQ=DAILY", 84, ""),
        ("FREQ=DAILY;INTERVAL=3;UNTIL={until:%Y%m%d}T130000Z", 3, ""),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 1, None),
        ("FREQ=SECONDLY", 1, None),
        ("FREQ=WEEKLY;INTERVAL=-1", 1, None),
        ("FREQ=NEVER", 1, None),
    ],
)
def test_each_repeat_goes_on_ends_or_is_refused(
    owner: Browser, sam: Tradie, drain: Service, rule: str, rows: int, goes_on: str | None
) -> None:
    """On which it goes; "": it doesn't, and that is said; None: it can't be read."""
    day = day_ahead()
    first = day - timedelta(weeks=8)
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
    written = rule.format(weekday=weekday, nth=(first.day - 1) // 7 + 1, until=day + timedelta(days=7))
    file = sent(owner, repeating(f"RRULE:{written}"), "my.ics")
    outcomes = said(file)
    if goes_on is None:
        assert [(what, says.partition(" in a")[0]) for what, _, says in outcomes] == [
            ("refused", "It repeats")
        ]
        return
    assert {what for what, _, _ in outcomes} == {"new"}
    assert abs(len(outcomes) - rows) <= 1
    assert ("It goes on" in outcomes[0][2]) == bool(goes_on)
    assert goes_on in outcomes[0][2]
    assert ("later ones aren't" in outcomes[0][2]) == (not goes_on)


def test_what_is_no_job_can_keep_its_time_as_time_off(owner: Browser, sam: Tradie, drain: Service) -> None:
    day, until = day_ahead(), day_ahead(5)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        f"DTSTART;TZID=Australia/Sydney:{day:%Y%m%d}T090000",
        f"DTEND;TZID=Australia/Sydney:{day:%Y%m%d}T100000",
        "SUMMARY:Dentist",
        "END:VEVENT",
        "BEGIN:VEVENT",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{until:%Y%m%d}",
        "SUMMARY:Holiday",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    content = "\r\n".join(lines)
    file = sent(owner, content, "my.ics")
    assert [what for what, _, _ in said(file)] == ["refused", "refused"]
    for expected in ("new", "same"):
        file = sent(owner, content, "my.ics")
        owner.post(f"{PAGE}/{file.pk}/choices", {"service": "", "others": "keep"})
        file.refresh_from_db()
        assert [what for what, _, _ in said(file)] == [expected, expected]
        brought_in(owner, file)
    dentist, holiday = TimeOff.objects.order_by("-starts_at")
    assert (dentist.starts_at, dentist.ends_at, dentist.reason) == (day, day + timedelta(hours=1), "Dentist")
    local = [in_zone(at, sam.timezone) for at in (holiday.starts_at, holiday.ends_at)]
    assert [(one.date(), one.hour) for one in local] == [(day.date(), 0), (until.date(), 0)]


def exported(tradie: Tradie) -> dict[str, Any]:
    """As the file of everything has it."""
    return {kind.name: list(kind.rows(tradie)) for kind in KINDS}


def archive_of(tradie: Tradie) -> bytes:
    """The file that a worker makes."""
    return b"".join(content_of(made(tradie)))


# What is of one account alone: ids, references, when and by whom it was made, and money.
OF_THE_ACCOUNT = {
    "services": {"id"},
    "customers": {"id", "seen_at"},
    "bookings": {
        *("reference", "service_id", "calendar_name", "customer_id", "deposit_cents", "deposit_is", "policy"),
        *("quote_lines", "quote_id", "taken_by_business", "requires_approval", "created_at", "confirmed_at"),
        *("approved_at", "acknowledged_at"),
    },
}


def comparable(told: dict[str, Any]) -> dict[str, Any]:
    """With ids as what they stand for."""
    contacts: dict[Any, set[str]] = {}
    for row in told["customer_contacts"]:
        contacts.setdefault(row["customer_id"], set()).add(row["value"])
    now = timezone.now()
    ahead = [
        row
        for row in told["bookings"]
        if datetime.fromisoformat(row["starts_at"]) > now and row["status"] == "confirmed"
    ]
    own = {"services": told["services"], "customers": told["customers"], "bookings": ahead}
    plain = {
        name: [
            {key: value for key, value in row.items() if key not in OF_THE_ACCOUNT[name]}
            | ({"contacts": sorted(contacts[row["id"]])} if name == "customers" else {})
            for row in rows
        ]
        for name, rows in own.items()
    }
    return {name: sorted(rows, key=lambda row: json.dumps(row, default=str)) for name, rows in plain.items()}


def dates_of(made: Series) -> Any:
    made.refresh_from_db()
    visits = list(made.visits.order_by("on").values_list("on", "state", "booking__starts_at"))
    return made.every, made.first_on, made.at, made.until, made.made_until, visits


def test_a_round_trip_is_equal(owner: Browser, sam: Tradie, drain: Service) -> None:
    tap = make_service(
        sam,
        name="Leaking tap",
        position=1,
        description="With\ntwo lines",
        duration_minutes=45,
        buffer_after_minutes=15,
        arrival_window_minutes=120,
        price_cents=9_050,
        price_from=True,
        deposit_kind=DepositKind.PERCENT,
        deposit_percent=20,
        late_fee_kind="percent",
        late_fee_percent=50,
        questions=[
            {"id": "q1", "label": "Gate?", "required": True, "choices": ["Yes", "No"], "photo": False}
        ],
    )
    make_service(sam, name="=Old", position=2, is_active=False, follows_business_policy=True)
    day = day_ahead()
    for number in range(12):
        service = (drain, tap)[number % 2]
        phone, email = f"+6141200{number:04}", f"jo{number}@example.com" if number % 3 else ""
        make_booking(
            service,
            day + timedelta(days=number),
            customer_name=f"=Jo {number}",
            customer_phone=phone,
            customer_email=email,
            notes="Ring “twice”,\nplease",
            tradie_notes="Behind; the “house”",
            answers={"q1": "Yes"} if number % 2 else {},
            price_cents=service.price_cents + number * 100,
        )
    make_booking(drain, timezone.now() - timedelta(days=9), status=Status.COMPLETED)
    make_booking(drain, day + timedelta(days=30), status=Status.CANCELLED, customer_phone="+61412999999")
    again = Booking.objects.get(customer_name="=Jo 2")
    fortnightly = series.start_series(
        again, "fortnight", day.date() + timedelta(weeks=20), now=timezone.now()
    )
    series.skip(fortnightly, (day + timedelta(days=2, weeks=14)).date())
    assign_missing(now=timezone.now())
    Message.objects.all().delete()
    sam.customers.filter(name="=Jo 1").update(notes="A good one\nPays", blocked_at=timezone.now())
    before = comparable(exported(sam))
    visits = fortnightly.visits.filter(state=State.BOOKED).count() - 1
    assert [len(before[name]) for name in ("services", "customers", "bookings")] == [3, 13, 12 + visits]

    other = make_tradie(state="NSW")
    owner.force_login(owner_of(other))
    file = sent(owner, archive_of(sam), "peepopay-sam.zip")
    assert [one for one in said(file) if one[0] not in ("new", "kept")] == []
    assert {"1 job that is over", "booking history"} <= set(file.left_behind)
    brought_in(owner, file)
    assert comparable(exported(other)) == before
    assert dates_of(other.series.get()) == dates_of(fortnightly)
    assert not Message.objects.filter(tradie=other).exists()

    again = sent(owner, archive_of(other))
    assert {what for what, _, _ in said(again)} == {"same"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "That file is empty."),
        (b"Name,Mobile\n", "There is nothing in that file but its headings."),
        (b"\x89PNG\r\n\x1a\n....", "That isn't a file that we can read."),
        (b"%PDF-1.7", "That isn't a file that we can read."),
        (b"Name,Mobile\nJo\0,1\n", "That isn't a file that we can read."),
        (b"PK\x03\x04 not at all", "That ZIP file can't be read"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "There are no entries in that calendar file."),
        (b"Name,Mobile\n" + b"x" * 7_000_000, "a cell that is far too long"),
        (b'Name,Mobile\n"' + b"a,b\n" * 500_000, "a cell that is far too long"),
        (b"x" * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
        (b"Name,Mobile\n" + b"Jo,0412000111\n" * 5_001, "more than 5,000 rows"),
        (b"a," * 200 + b"\n1\n", "more than 100 columns"),
    ],
)
def test_what_cant_be_read_is_answered_with_a_sentence(owner: Browser, content: bytes, sentence: str) -> None:
    answer = send(owner, content)
    assert answer.status_code == 400
    assert sentence in unescape(answer.content.decode())
    assert not BroughtFile.objects.exists()


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(f"{name}.json", raw)
    return content.getvalue()


@pytest.mark.parametrize(
    ("archive", "sentence"),
    [
        (zipped(customers=b"[" + b" " * 30_000_000 + b"]"), "unpacks to more than we can read"),
        (zipped(customers=b"[" * 100_000), "can't be read"),
        (zipped(customers=b'{"id": 1}'), "can't be read"),
        (zipped(customers=b'[{"name": 1}]', customer_contacts=b"[[]]"), "can't be read"),
        (zipped(bookings=b'[{"starts_at": "yesterday"}]'), "can't be read"),
        (zipped(holiday=b"[]"), "nothing in that file"),
    ],
)
def test_hostile_archives_are_answered_with_a_sentence(owner: Browser, archive: bytes, sentence: str) -> None:
    answer = send(owner, archive, "a.zip")
    assert answer.status_code == 400
    assert sentence in unescape(answer.content.decode())


def test_five_thousand_customers_take_few_queries(
    owner: Browser, sam: Tradie, django_assert_max_num_queries: Any
) -> None:
    rows = "".join(f"Jo {n},04{n:08},jo{n}@example.com\n" for n in range(12_000_000, 12_005_000))
    with django_assert_max_num_queries(120):
        file = sent(owner, "Name,Mobile,Email\n" + rows)
        brought_in(owner, file)
    assert sam.customers.count() == 5_000


def test_only_owners_of_that_business_see_it(sam: Tradie, kim: User, alex: Tradie, owner: Browser) -> None:
    file = sent(owner, PEOPLE)
    for user, status in ((kim, 403), (owner_of(alex), 404)):
        other = Browser()
        other.force_login(user)
        assert other.get(f"{PAGE}/{file.pk}").status_code == status
        assert other.post(f"{PAGE}/{file.pk}/run").status_code == status
    assert not Customer.objects.exists()


def test_the_file_is_gone_after_a_day_and_who_never_booked_with_time(owner: Browser, sam: Tradie) -> None:
    file = brought_in(owner, sent(owner, PEOPLE))
    now = timezone.now()
    assert bringing.forget_old(now=file.created_at + timedelta(hours=23)) == 0
    assert bringing.forget_old(now=now + timedelta(days=1)) == 1
    assert forget_imported(now=now + timedelta(days=700)) == 0
    assert forget_imported(now=now + timedelta(days=735)) == 2
    assert not BookingEvent.objects.exists()
