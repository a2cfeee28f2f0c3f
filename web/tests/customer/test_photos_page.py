"""A customer adds photos of the job on the page of their booking, and the business sees them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Service, Tradie
from accounts.service_rules import DepositKind
from bookings import drawing_photos
from bookings.models import Booking, Photo, Status
from bookings.photo_models import PhotoState
from bookings.tests.test_photos import folder  # noqa: F401 (a fixture)
from bookings.tokens import token_of
from local.testing.cast import Api, make_booking, make_service, make_tradie, owner_of, soon
from local.testing.pictures import camera_photo
from local.testing.sent import Sent, body, deliver_all
from peepopay import uploads
from web.tests.customer.test_manage_page import url_of

TAP = {"id": "tap", "label": "What does the tap look like?", "required": True, "photo": True}


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain)


def upload(content: bytes | None = None, name: str = "tap.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, camera_photo() if content is None else content, "image/jpeg")


def added(client: Client, booking: Booking) -> Photo:
    assert client.post(url_of(booking, "/photos"), {"photos": upload()}).status_code == 302
    photo = booking.photos.get()
    drawing_photos.make_ready(photo, timezone.now())
    return Photo.objects.get()


def test_it_is_added_made_ready_and_seen_by_both_sides(client: Client, booking: Booking) -> None:
    page = client.get(url_of(booking)).content.decode()
    assert url_of(booking, "/photos") in page
    client.post(url_of(booking, "/photos"), {"photos": [upload(), upload(camera_photo(colour="red"))]})
    assert client.get(url_of(booking, "/photos")).content.decode().count("Getting ready…") == 2
    for photo in booking.photos.all():
        drawing_photos.make_ready(photo, timezone.now())
    business = Client()
    business.force_login(owner_of(booking.tradie))
    for browser, address in (
        (client, url_of(booking, f"/photos/{photo.pk}")),
        (business, f"/dashboard/bookings/{booking.pk}/photos/{photo.pk}"),
    ):
        assert f"{address}?small" in browser.get(address.rsplit("/photos", 1)[0]).content.decode()
        for shown in (address, f"{address}?small"):
            answer = browser.get(shown)
            assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert b"".join(answer).startswith(b"\xff\xd8\xff")


def test_a_question_is_answered_with_photos_once_it_is_booked(
    client: Client, api: Api, sam: Tradie, sent: Sent, settings: Any
) -> None:
    """The answer that goes with the booking names them; a required one has to. Without them the booking stands, and
    its pages ask for them."""
    service = make_service(sam, deposit_kind=DepositKind.NONE, deposit_fixed_cents=0, questions=[TAP])
    refused = api.book(service, soon(sam))
    assert refused.json()["fields"] == {"answers.tap": ["Please add a photo."]}
    booked = api.book(service, soon(sam), answers={"tap": "tap.jpg"}).json()
    booking = Booking.objects.get()
    deliver_all(now=timezone.now())
    [mail] = (mail for mail in sent.mails if mail["To"] == sam.email)
    address = f"{settings.SITE_URL}/dashboard/bookings/{booking.pk}#photos"
    assert f"What does the tap look like?\nPhotos: {address}" in body(mail, "plain")
    assert f'href="{address}"' in body(mail, "html")
    assert "tap.jpg" not in mail.as_string()
    business = Client()
    business.force_login(owner_of(sam))
    pages = ((client, url_of(booking)), (business, f"/dashboard/bookings/{booking.pk}"))
    for browser, address in pages:
        page = browser.get(address).content.decode()
        assert "What does the tap look like?" in page
        assert "tap.jpg" not in page
    assert client.get(url_of(booking, "/photos")).context["form"].initial == {"question": "tap"}

    def send(question: str) -> Any:
        headers = {"Authorization": f"Bearer {booked['token']}"}
        sent = {"photos": upload(), "question": question}
        return client.post(f"/api/bookings/{booking.pk}/photos", sent, headers=headers)

    assert send("gate").json()["fields"] == {"question": ["No photo is asked for under that name."]}
    assert send("tap").status_code == 201
    drawing_photos.make_ready(booking.photos.get(), timezone.now())
    assert "Please show" not in client.get(url_of(booking)).content.decode()
    page = business.get(f"/dashboard/bookings/{booking.pk}").content.decode()
    assert "not here yet" not in page
    assert '<span class="muted" dir="auto">What does the tap look like?</span>' in page


def test_the_page_of_photos_asks_what_they_show(client: Client, sam: Tradie) -> None:
    booking = make_booking(make_service(sam, questions=[TAP]))
    client.post(url_of(booking, "/photos"), {"photos": upload(), "question": "tap"})
    client.post(url_of(booking, "/photos"), {"photos": upload(camera_photo(colour="red")), "question": ""})
    assert sorted(booking.photos.values_list("question", flat=True)) == ["", "tap"]
    refused = client.post(url_of(booking, "/photos"), {"photos": upload(), "question": "roof"})
    assert refused.status_code == 400


def test_what_is_no_photo_is_said_beside_the_field(client: Client, booking: Booking) -> None:
    for files, said in (
        ({"photos": upload(b"MZ", "virus.exe")}, "“virus.exe” isn&#x27;t a photo"),
        ({}, "Please choose a photo first."),
    ):
        answer = client.post(url_of(booking, "/photos"), files)
        assert answer.status_code == 400
        assert said in answer.content.decode()
    assert not Photo.objects.exists()


def test_more_than_ten_megabytes_at_once_are_refused_before_they_are_read(
    client: Client, booking: Booking
) -> None:
    answer = client.post(
        url_of(booking, "/photos"), {"photos": upload(b"\xff\xd8\xff" + bytes(11 * 1024 * 1024))}
    )
    assert answer.status_code == 413
    assert "more than 10 MB at once" in answer.content.decode()


def test_a_customer_removes_their_own_and_no_other(client: Client, booking: Booking, drain: Service) -> None:
    photo, other = added(client, booking), make_booking(drain)
    assert client.post(url_of(other, f"/photos/{photo.pk}/remove")).status_code == 302
    assert Photo.objects.get().state == PhotoState.READY
    assert client.get(url_of(other, f"/photos/{photo.pk}")).status_code == 404
    client.post(url_of(booking, f"/photos/{photo.pk}/remove"))
    assert Photo.objects.get().state == PhotoState.REMOVED
    assert client.get(url_of(booking, f"/photos/{photo.pk}")).status_code == 404


def test_it_is_nothing_for_another_business(client: Client, booking: Booking) -> None:
    photo = added(client, booking)
    other = Client()
    other.force_login(owner_of(make_tradie(slug="alex")))
    assert other.get(f"/dashboard/bookings/{booking.pk}/photos/{photo.pk}").status_code == 404
    assert other.post(f"/dashboard/bookings/{booking.pk}/photos/{photo.pk}/remove").status_code == 404


def test_the_business_adds_its_own_and_takes_them_off(client: Client, booking: Booking, sam: Tradie) -> None:
    client.force_login(owner_of(sam))
    pages = f"/dashboard/bookings/{booking.pk}/photos"
    assert client.post(pages, {"photos": upload()})["Location"] == pages
    photo = booking.photos.get()
    assert (photo.added_by, photo.state) == ("tradie", PhotoState.WAITING)
    assert "Photos added" in client.get(f"/dashboard/bookings/{booking.pk}").content.decode()
    assert client.post(f"{pages}/{photo.pk}/remove")["Location"] == pages
    assert booking.photos.get().state == PhotoState.REMOVED


def test_after_the_job_a_customer_sees_them_and_adds_none(client: Client, sam: Tradie) -> None:
    booking = make_booking(make_service(sam), status=Status.COMPLETED)
    answer = client.post(url_of(booking, "/photos"), {"photos": upload()})
    assert answer["Location"].startswith(url_of(booking))
    assert not Photo.objects.exists()
    assert "Add photos" not in client.get(url_of(booking, "/photos")).content.decode()


def test_a_program_adds_them_with_the_bookings_token(client: Client, booking: Booking) -> None:
    address, token = f"/api/bookings/{booking.pk}/photos", f"Bearer {token_of(booking)}"

    def send(**headers: Any) -> Any:
        headers["Origin"] = "https://sams-plumbing.example"
        return client.post(address, {"photos": upload()}, headers=headers)

    assert send().json()["code"] == "UNAUTHORIZED"
    answer = send(Authorization=token)
    photo = booking.photos.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {"photos": [{"id": str(photo.pk), "state": "waiting"}]},
    )
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert send(Authorization=token).json() == answer.json()
    refused = client.post(address, {"photos": upload(b"no")}, headers={"Authorization": token})
    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_FAILED")
    assert list(refused.json()["details"]) == ["photos"] if "details" in refused.json() else True


def test_large_ones_are_read_a_few_at_a_time(
    client: Client, booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is in the memory of web more than once; small ones, and all other pages, wait for none."""
    monkeypatch.setattr(uploads, "PATIENCE_SECONDS", 0.01)
    page, large = url_of(booking, "/photos"), camera_photo(1600, 1200, noise=True)
    assert len(large) > uploads.SMALL
    with ExitStack() as three:
        for _ in range(3):
            three.enter_context(uploads.AT_ONCE)
        refused = client.post(page, {"photos": upload(large)})
        assert (refused.status_code, refused["Retry-After"]) == (503, "5")
        assert client.post(page, {"photos": upload()}).status_code == 302
    assert client.post(page, {"photos": upload(large)}).status_code == 302
    assert booking.photos.count() == 2
