"""Photos of a job: what is taken for one, what is left of it, and how it goes again."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import Service
from bookings import drawing_photos, erasure, photos
from bookings.actors import CUSTOMER, By
from bookings.models import Actor, Booking, EventKind, Photo, Status
from bookings.photo_models import PhotoState, photo_files
from local.paths import CHECKOUT
from local.testing.cast import make_booking, owner_of
from local.testing.pictures import camera_photo
from local.testing.working import work_on
from peepopay.errors import BookingNotChangeable, ValidationFailed

PEAK = """
import contextlib, sys
from pathlib import Path
from peepopay import pictures
def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
content = Path(sys.argv[1]).read_bytes()
import pillow_heif, PIL.ImageOps
Path("/proc/self/clear_refs").write_text("5")
before = peak()
with contextlib.suppress(pictures.NotAPicture):
    pictures.grounded(pictures.read(content, 1600))
print((peak() - before) // 1024)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Any, settings: Any) -> Any:
    options = {"location": str(tmp_path / "uploads"), "allow_overwrite": True}
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {**settings.STORAGES, "uploads": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path / "uploads"


@pytest.fixture
def booking(drain: Service) -> Booking:
    return make_booking(drain)


def file(content: bytes, name: str = "tap.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def add(booking: Booking, *contents: bytes, by: By = CUSTOMER) -> int:
    return photos.add(booking, [file(content) for content in contents], by=by, now=timezone.now())


def ready(booking: Booking, content: bytes) -> Photo:
    add(booking, content)
    photo = booking.photos.get()
    work_on(photo)
    return photo


def files_in(folder: Any) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# A HEIC says which way is up in its pixels' own container, and its writer takes care of it.
@pytest.mark.parametrize(("kind", "on_its_side"), [("JPEG", 1), ("PNG", 1), ("WEBP", 1), ("HEIF", 0)])
def test_a_picture_is_drawn_anew_upright_and_without_where_it_was_taken(
    booking: Booking, folder: Any, kind: str, on_its_side: int
) -> None:
    original = camera_photo(2000, 1000, kind=kind)
    size, small = ((800, 1600), (180, 360)) if on_its_side else ((1600, 800), (360, 180))
    assert b"Phonemaker" in original
    photo = ready(booking, original)
    assert (photo.state, (photo.width, photo.height), photo.original) == (PhotoState.READY, size, None)
    assert photo.done_at is not None
    assert files_in(folder) == sorted([f"{photo.pk}.jpg", f"{photo.pk}-small.jpg"])
    for name, wanted in ((photo.name, size), (photo.small_name, small)):
        content = photo_files().open(name).read()
        assert b"Phonemaker" not in content
        with Image.open(BytesIO(content)) as drawn:
            assert (drawn.format, drawn.size, dict(drawn.getexif())) == ("JPEG", wanted, {})


def test_what_shines_through_becomes_white(booking: Booking) -> None:
    out = BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(out, "PNG")
    photo = ready(booking, out.getvalue())
    with Image.open(photo_files().open(photo.name)) as drawn:
        assert drawn.getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff then nothing", b"\x89PNG\r\n\x1a\nhello", camera_photo()[:900]], ids=str
)
def test_a_file_that_only_begins_like_a_photo_is_refused_once_and_for_all(
    booking: Booking, folder: Any, content: bytes
) -> None:
    photo = ready(booking, content)
    assert (photo.state, photo.original) == (PhotoState.REFUSED, None)
    assert photo.done_at is not None
    assert photo.attempts == 1
    assert files_in(folder) == []


def test_a_small_file_of_endless_pixels_is_not_unpacked(booking: Booking) -> None:
    out = BytesIO()
    Image.new("1", (16_000, 16_000)).save(out, "PNG")
    assert len(out.getvalue()) < photos.LARGEST_BYTES
    assert ready(booking, out.getvalue()).state == PhotoState.REFUSED


@pytest.mark.parametrize(
    ("kind", "mode", "size", "options"),
    [
        ("JPEG", "RGB", (8160, 6120), {}),
        ("JPEG", "RGB", (4032, 3024), {"progressive": True, "subsampling": 0}),
        ("PNG", "RGBA", (3600, 2700), {}),
        ("PNG", "RGBA", (4032, 3024), {}),
        ("WEBP", "RGB", (2900, 2200), {}),
        ("JPEG", "RGB", (8160, 6120), {"progressive": True, "subsampling": 0}),
    ],
)
def test_no_picture_takes_more_memory_than_a_worker_has_to_spare(
    kind: str, mode: str, size: tuple[int, int], options: dict[str, Any], tmp_path: Path
) -> None:
    """Small files all of them, of one colour. What can't be read in so little is refused."""
    Image.new(mode, size, "teal").save(tmp_path / "picture", kind, **options)
    assert (tmp_path / "picture").stat().st_size < photos.LARGEST_BYTES
    words = [sys.executable, "-c", PEAK, tmp_path / "picture"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=CHECKOUT)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) <= 115, "MiB"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "“tap.jpg” isn't a photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "“tap.jpg” isn't a photo"),
        (b"GIF89a", "“tap.jpg” isn't a photo"),
        (b"", "“tap.jpg” isn't a photo"),
        (b"\xff\xd8\xff" + bytes(photos.LARGEST_BYTES), "“tap.jpg” is larger than 8 MB"),
    ],
    ids=["pdf", "svg", "gif", "empty", "large"],
)
def test_what_is_no_photo_is_refused_and_nothing_of_what_came_with_it_is_kept(
    booking: Booking, content: bytes, said: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        add(booking, camera_photo(), content)
    assert said in refused.value.fields["photos"][0]
    assert not Photo.objects.exists()


def test_the_same_again_is_once_and_what_came_in_one_go_is_one_line_of_the_history(booking: Booking) -> None:
    one, two = camera_photo(), camera_photo(colour="red")
    assert add(booking, one, two, one) == 2
    assert add(booking, two) == 0
    assert add(booking, camera_photo(colour="blue")) == 1
    assert booking.events.get(kind=EventKind.PHOTOS_ADDED).actor == Actor.CUSTOMER
    later = timezone.now() + photos.IN_ONE_GO
    photos.add(booking, [file(camera_photo(colour="green"))], by=CUSTOMER, now=later)
    assert booking.events.filter(kind=EventKind.PHOTOS_ADDED).count() == 2


def test_each_side_has_room_for_ten(booking: Booking) -> None:
    business = By(Actor.TRADIE, owner_of(booking.tradie))
    many = [camera_photo(20 + number, 20) for number in range(photos.MOST)]
    assert add(booking, *many) == 10
    with pytest.raises(ValidationFailed, match="check the details"):
        add(booking, camera_photo(99, 99))
    assert add(booking, camera_photo(99, 99), by=business) == 1
    assert photos.remove(booking, booking.photos.first().pk, by=CUSTOMER, now=timezone.now())
    assert add(booking, camera_photo(98, 98)) == 1


@pytest.mark.parametrize(
    ("status", "customer_may"),
    [
        (Status.PENDING, True),
        (Status.REQUESTED, True),
        (Status.CONFIRMED, True),
        (Status.COMPLETED, False),
        (Status.CANCELLED, False),
    ],
)
def test_customers_add_while_the_job_is_to_come_and_the_business_after_it_too(
    drain: Service, status: Status, customer_may: bool
) -> None:
    booking = make_booking(drain, status=status)
    assert photos.may_add(booking, Actor.CUSTOMER) is customer_may
    assert add(booking, camera_photo(), by=By(Actor.TRADIE, owner_of(booking.tradie))) == 1
    if not customer_may:
        with pytest.raises(BookingNotChangeable):
            add(booking, camera_photo(99, 99))


def test_one_is_removed_by_who_added_it_with_its_files(booking: Booking, folder: Any) -> None:
    photo = ready(booking, camera_photo())
    business = By(Actor.TRADIE, owner_of(booking.tradie))
    assert photos.remove(booking, photo.pk, by=business, now=timezone.now()) is False
    assert photos.remove(booking, photo.pk, by=CUSTOMER, now=timezone.now()) is True
    assert photos.remove(booking, photo.pk, by=CUSTOMER, now=timezone.now()) is False
    assert list(photos.photos_of(booking)) == []
    drawing_photos.make_ready(Photo.objects.get(), timezone.now())
    assert files_in(folder) == []
    assert not Photo.objects.exists()
    assert add(booking, camera_photo()) == 1


def test_one_that_is_removed_while_it_is_drawn_leaves_no_file(booking: Booking, folder: Any) -> None:
    add(booking, camera_photo())
    drawn_meanwhile = booking.photos.get()
    photos.remove(booking, drawn_meanwhile.pk, by=CUSTOMER, now=timezone.now())
    drawing_photos.make_ready(drawn_meanwhile, timezone.now())
    assert files_in(folder) != []
    assert Photo.objects.get().state == PhotoState.REMOVED
    drawing_photos.make_ready(Photo.objects.get(), timezone.now())
    assert files_in(folder) == []


def test_they_go_with_the_customers_details(booking: Booking, folder: Any) -> None:
    ready(booking, camera_photo())
    erasure.erase(Booking.objects.filter(pk=booking.pk), now=timezone.now())
    drawing_photos.make_ready(Photo.objects.get(), timezone.now())
    assert (files_in(folder), Photo.objects.count()) == ([], 0)
    assert photos.may_add(Booking.objects.get(), Actor.TRADIE) is False
