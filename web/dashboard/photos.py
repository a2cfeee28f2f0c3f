"""Photos of a job: what its customer showed, and what the business keeps of how it was done."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings import photos as rules
from bookings.actors import By
from peepopay.errors import BookingNotChangeable
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.bookings import CHANGED_MEANWHILE, own
from web.form_pages import form_page
from web.photos import in_page, picture, posted


@for_members(May.JOBS)
@SHOW_AND_SAVE
def photos(request: HttpRequest, member: Membership, booking_id: UUID) -> HttpResponse:
    """GET shows them; POST adds what was chosen."""
    booking, by = own(member, booking_id), By.of(member)
    form = posted(request, booking, by)
    if request.method == "POST":
        try:
            if form.save(booking, by=by, now=timezone.now()):
                return redirect("booking_photos", booking.pk)
        except BookingNotChangeable:
            notices.warning(request, CHANGED_MEANWHILE)
            return redirect("booking", booking.pk)
    context = {"booking": booking, "tradie": member.tradie, "form": form, **in_page(booking, by)}
    return form_page(request, "bookings/photos.html", context, form)


@for_members(May.JOBS)
@require_safe
def photo(request: HttpRequest, member: Membership, booking_id: UUID, photo_id: UUID) -> HttpResponse:
    return picture(request, own(member, booking_id), photo_id)


@for_members(May.JOBS)
@require_POST
def remove(request: HttpRequest, member: Membership, booking_id: UUID, photo_id: UUID) -> HttpResponse:
    """One that the business added."""
    booking = own(member, booking_id)
    if rules.remove(booking, photo_id, by=By.of(member), now=timezone.now()):
        notices.success(request, "The photo is removed.")
    return redirect("booking_photos", booking.pk)
