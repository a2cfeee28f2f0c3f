"""Photos of a job as either side's pages have them: a form that takes several, and the picture itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from bookings import photos
from bookings.actors import By
from bookings.models import Actor, Booking
from bookings.photo_models import Photo, PhotoState, photo_files
from bookings.terms import Question
from peepopay.errors import ServiceUnavailable, ValidationFailed
from peepopay.forms import add_refusal
from peepopay.pictures import KINDS


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


SOMETHING_ELSE = ("", "Something else")


class PhotosForm(forms.Form):
    """The files stay the browser's to keep: a page that comes back with a complaint has them chosen anew. `asked`: the
    questions that they may answer, the one that waits for it first."""

    photos = forms.Field(
        label="Photos",
        error_messages={"required": photos.NONE_CHOSEN},
        help_text="Up to 8 MB each: JPEG, PNG, HEIC or WebP.",
        widget=SeveralFiles({"accept": KINDS, "data-shrink": ""}),
    )

    question = forms.ChoiceField(label="They show", required=False)

    def __init__(self, *args: Any, asked: Sequence[Question] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["question"].choices = [*((one.id, one.label) for one in asked), SOMETHING_ELSE]  # type: ignore[attr-defined]
        if not asked:
            del self.fields["question"]

    def save(self, booking: Booking, *, by: By, now: datetime) -> bool:
        """Keep what was chosen. False: nothing is stored, and `errors` says why."""
        if not self.is_valid():
            return False
        try:
            question = self.cleaned_data.get("question", "")
            photos.add(booking, self.files.getlist("photos"), by=by, now=now, question=question)
        except ValidationFailed as refusal:
            add_refusal(self, refusal)
        return not self.errors


def shown(booking: Booking) -> list[Photo]:
    """All of its photos; each `shows` what was asked, where it answers that."""
    labels = {question.id: question.label for question in booking.terms.photo_questions}
    found = list(photos.photos_of(booking))
    for photo in found:
        photo.shows = labels.get(photo.question, "")
    return found


def posted(request: HttpRequest, booking: Booking, by: By) -> PhotosForm:
    """The form of a page of photos: the customer's says what they show."""
    asked = booking.terms.photo_questions if by.actor == Actor.CUSTOMER else []
    if request.method == "POST":
        return PhotosForm(request.POST, request.FILES, asked=asked)
    waiting = photos.still_asked(booking, photos.photos_of(booking)) if asked else []
    return PhotosForm(asked=asked, initial={"question": waiting[0].id if waiting else ""})


def in_page(booking: Booking, by: By) -> dict[str, Any]:
    """What a page says of the photos."""
    found = shown(booking)
    mine = sum(photo.added_by == by.actor for photo in found)
    return {
        "photos": found,
        "photos_asked": photos.still_asked(booking, found),
        "side": by.actor.value,
        "photos_wait": any(photo.state == PhotoState.WAITING for photo in found),
        "may_add_photos": photos.may_add(booking, by.actor) and mine < photos.MOST,
        "photo_room": photos.MOST - mine,
    }


def picture(request: HttpRequest, booking: Booking, photo_id: UUID) -> HttpResponse:
    """A JPEG: with `?small` as it stands on pages. 404 until it is ready and once it is removed."""
    photo = get_object_or_404(photos.photos_of(booking), pk=photo_id, state=PhotoState.READY)
    try:
        with photo_files().open(photo.small_name if "small" in request.GET else photo.name) as file:
            content = file.read()  # whole, so that a bucket that goes away in the middle is told as such
    except FileNotFoundError:
        raise Http404 from None
    except Exception as problem:  # whatever a bucket's client raises: it is away
        raise ServiceUnavailable from problem
    answer = HttpResponse(content, content_type="image/jpeg")
    answer["Content-Disposition"] = f'inline; filename="{booking.reference}.jpg"'
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
