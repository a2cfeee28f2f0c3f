"""The logo of a business: sent by its owner, drawn anew, and seen wherever its customers meet it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.logos import DARK, EDGE, logo_of
from accounts.models import AuditEntry, Logo, Service, Tradie
from bookings.messages import tell_confirmed
from invoicing.documents import made
from local.testing.cast import Api, make_booking, owner_of
from local.testing.pictures import camera_photo
from local.testing.sent import Sent, body, deliver_all
from web.tests.customer.test_manage_page import url_of
from web.tests.test_every_url import invoiced

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/dashboard/widget/logo"


@pytest.fixture
def dashboard(sam: Tradie) -> Client:
    client = Client()
    client.force_login(owner_of(sam))
    return client


def upload(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


def saved(dashboard: Client, content: bytes) -> str:
    """Where it is then."""
    assert dashboard.post(PAGE, {"logo": upload(content)}).status_code == 302
    return Tradie.objects.get(slug="sam-plumber").logo_url


def letters(colour: str, kind: str = "PNG") -> bytes:
    """A bar of this colour on nothing."""
    picture = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    picture.paste(colour, (200, 150, 600, 250))
    out = BytesIO()
    picture.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_it_is_drawn_anew_and_kept_for_ever_at_its_address(kind: str, dashboard: Client, sam: Tradie) -> None:
    original = camera_photo(1200, 800, kind=kind)
    address = saved(dashboard, original)
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    with Image.open(BytesIO(answer.content)) as picture:
        assert max(picture.size) == EDGE
        assert not picture.getexif()
    assert saved(dashboard, original) == address
    assert [entry.detail for entry in AuditEntry.objects.filter(tradie=sam)] == ["logo added"]
    another = saved(dashboard, camera_photo(colour="red"))
    assert Client().get(address).status_code == 404
    assert Client().get(another).status_code == 200
    assert Client().get(another.replace(".jpg", "0.jpg")).status_code == 404


@pytest.mark.parametrize(("letter", "ground"), [("white", DARK), ("#ffe9a0", DARK), ("#0b5cad", "white")])
def test_what_was_drawn_for_a_dark_ground_gets_one(
    letter: str, ground: str, dashboard: Client, sam: Tradie
) -> None:
    saved(dashboard, letters(letter))
    with Image.open(BytesIO(logo_of(sam.pk) or b"")) as picture:
        wanted = Image.new("RGB", (1, 1), ground).getpixel((0, 0))
        found: Any = picture.getpixel((3, 3))
    assert all(abs(is_ - should) < 4 for is_, should in zip(found, wanted, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "kept"), [((900, 100), (400, 134)), ((100, 300), (300, 300)), ((600, 300), (400, 200))]
)
def test_it_is_at_least_as_wide_as_high_and_at_most_three_times(
    size: tuple[int, int], kept: tuple[int, int], dashboard: Client, sam: Tradie
) -> None:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    saved(dashboard, out.getvalue())
    with Image.open(BytesIO(logo_of(sam.pk) or b"")) as picture:
        assert picture.size == kept
        corner: Any = picture.getpixel((0, 0))
    assert (min(corner) > 250) == (size != (600, 300))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_a_photo_of_a_phone_with_twelve_megapixels_will_do(kind: str, dashboard: Client, sam: Tradie) -> None:
    assert saved(dashboard, camera_photo(4032, 3024, kind=kind))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "a picture that we can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a picture that we can read"),
        (b"\x89PNG\r\n\x1a\nhello", "a picture that we can read"),
        (b"\xff\xd8\xff" + bytes(8 * 2**20), "larger than 8 MB"),
        (b"", "That file is empty."),
        (None, "Please choose a picture first."),
    ],
)
def test_what_is_none_is_refused_beside_the_field_and_the_old_one_stays(
    content: bytes | None, said: str, dashboard: Client, sam: Tradie
) -> None:
    before = saved(dashboard, camera_photo())
    answer = dashboard.post(PAGE, {} if content is None else {"logo": upload(content)})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert Client().get(before).status_code == 200


def test_customers_see_it_everywhere_until_it_is_taken_off(
    dashboard: Client, client: Client, api: Api, sam: Tradie, drain: Service, sent: Sent, settings: Any
) -> None:
    profile = f"/api/tradies/{sam.slug}"
    assert api.get(profile).json()["logo_url"] == ""
    assert dashboard.post(PAGE, {"logo": upload(camera_photo())}).status_code == 302
    address = Tradie.objects.get().logo_url
    assert api.get(profile).json()["logo_url"] == f"{settings.SITE_URL}{address}"
    booking = make_booking(drain)
    shown = f'<img src="{address}" alt="" height="40">'
    assert shown in client.get(url_of(booking)).content.decode()
    tell_confirmed(booking, now=timezone.now())
    deliver_all(now=timezone.now())
    assert all(f'src="{settings.SITE_URL}{address}"' in body(mail, "html") for mail in sent.mails)
    assert sent.mails
    invoiced(booking, timezone.now())
    with_logo = made(booking.invoices.get())
    assert b"/DCTDecode" in with_logo
    assert dashboard.post(f"{PAGE}/remove").status_code == 302
    assert not Logo.objects.exists()
    assert api.get(profile).json()["logo_url"] == ""
    assert shown not in client.get(url_of(booking)).content.decode()
    assert b"/DCTDecode" not in made(booking.invoices.get())
    assert [entry.detail for entry in AuditEntry.objects.filter(about="").order_by("id")][:2] == [
        "logo added",
        "logo removed",
    ]


def test_a_closed_business_shows_none(dashboard: Client, sam: Tradie) -> None:
    address = saved(dashboard, camera_photo())
    Tradie.objects.update(closed_at=timezone.now())
    assert Client().get(address).status_code == 404
