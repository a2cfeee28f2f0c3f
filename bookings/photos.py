"""Photos of a job: who may add how many, what is taken for one, and how they go again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from peepopay import outbox
from peepopay.errors import BookingNotChangeable, ValidationFailed
from peepopay.pictures import looks_like_a_picture

from .actors import By
from .lifecycle import record
from .models import HELD, Actor, Booking, EventKind, Status
from .photo_models import Photo, PhotoState
from .photo_removal import have_removed
from .terms import Question

LARGEST_BYTES = 8 * 1024 * 1024
MOST = 10  # of one booking, from each side
IN_ONE_GO = timedelta(minutes=10)
TOO_LARGE = "“{name}” is larger than 8 MB. Please send a smaller one."
NO_PHOTO = "“{name}” isn't a photo that we can read. Please send a JPEG, PNG, HEIC or WebP."
TOO_MANY = f"There's room for {MOST} photos. Please remove one first, or choose fewer."
NONE_CHOSEN = "Please choose a photo first."
NOT_ASKED = "No photo is asked for under that name."
TO_COME = (*HELD, Status.REQUESTED, Status.CONFIRMED)


def may_add(booking: Booking, actor: Actor) -> bool:
    """Customers while the job is to come or waits for its money; the business until the customer's details go."""
    if booking.erased_at is not None:
        return False
    return actor == Actor.TRADIE or booking.status in TO_COME


def photos_of(booking: Booking) -> QuerySet[Photo]:
    """In the order in which they came, without what lies in them: at most 2 * MOST."""
    return booking.photos.exclude(state=PhotoState.REMOVED).defer("original")


def still_asked(booking: Booking, found: Iterable[Photo]) -> list[Question]:
    """Those that none of these answers. Photos come once the booking is there: one stands without them."""
    answered = {photo.question for photo in found if photo.state != PhotoState.REFUSED}
    return [question for question in booking.terms.photo_questions if question.id not in answered]


def add(booking: Booking, files: Sequence[UploadedFile], *, by: By, now: datetime, question: str = "") -> int:
    """Keep these for `booking` and have them made ready; all or none. Returns how many are new: one that is there
    already counts as there, even if it was sent by the other side. `question`: the id of what they answer.

    Raises ValidationFailed under "photos" for what is no photo, too large or one too many and under "question" for
    what is not asked, BookingNotChangeable where none may be added any more.
    """
    if question and question not in {one.id for one in booking.terms.photo_questions}:
        raise ValidationFailed(fields={"question": [NOT_ASKED]})
    contents = [_checked(file) for file in files]
    if not contents:
        raise ValidationFailed(fields={"photos": [NONE_CHOSEN]})
    with transaction.atomic():
        booking = Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)
        if not may_add(booking, by.actor):
            raise BookingNotChangeable
        there = dict(photos_of(booking).values_list("digest", "added_by"))
        new = {digest: content for digest, content in contents if digest not in there}
        if list(there.values()).count(by.actor) + len(new) > MOST:
            raise ValidationFailed(fields={"photos": [TOO_MANY]})
        Photo.objects.bulk_create(
            Photo(
                booking=booking,
                added_by=by.actor,
                added_at=now,
                due_at=now,
                question=question,
                digest=digest,
                original=content,
            )
            for digest, content in new.items()
        )
        if new:
            _note(booking, by=by, now=now)
            outbox.announce()
    return len(new)


def _note(booking: Booking, *, by: By, now: datetime) -> None:
    """A line in the history. Pages send them one by one: what came in one go is one line."""
    lines = booking.events.filter(kind=EventKind.PHOTOS_ADDED, actor=by.actor, user=by.user)
    if not lines.filter(at__gt=now - IN_ONE_GO).exists():
        record(booking, EventKind.PHOTOS_ADDED, by=by, now=now)


def _checked(file: UploadedFile) -> tuple[str, bytes]:
    """Its digest and what lies in it. By its first bytes only: the whole is read by a worker."""
    name = (file.name or "That file")[:60]
    if (file.size or 0) > LARGEST_BYTES:
        raise ValidationFailed(fields={"photos": [TOO_LARGE.format(name=name)]})
    content = file.read()
    if not looks_like_a_picture(content):
        raise ValidationFailed(fields={"photos": [NO_PHOTO.format(name=name)]})
    return hashlib.sha256(content).hexdigest(), content


def remove(booking: Booking, photo_id: UUID, *, by: By, now: datetime) -> bool:
    """Take one off that this side added; its files go soon. False: there is none such any more."""
    with transaction.atomic():
        ours = booking.photos.filter(pk=photo_id, added_by=by.actor).exclude(state=PhotoState.REMOVED)
        if not have_removed(ours, now=now):
            return False
        record(booking, EventKind.PHOTOS_REMOVED, by=by, now=now)
    return True
