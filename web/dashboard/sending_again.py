"""A message of a booking once more."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import May
from bookings.actors import By
from bookings.sending_again import send_again
from notifications.models import Message
from peepopay.errors import AppError
from peepopay.forms import PART_MISSING
from peepopay.methods import require_POST
from web.dashboard.access import for_members
from web.dashboard.bookings import own
from web.dashboard.bookings_forms import PressForm


@for_members(May.BOOKINGS)
@require_POST
def again(request: HttpRequest, member: Membership, booking_id: UUID, message_id: UUID) -> HttpResponse:
    booking, form = own(member, booking_id), PressForm(request.POST)
    message = get_object_or_404(Message, pk=message_id, tradie=member.tradie, about=booking.pk)
    if not form.is_valid():
        notices.error(request, PART_MISSING)
        return redirect("booking", booking.pk)
    try:
        send_again(booking, message, press=form.cleaned_data["key"], by=By.of(member), now=timezone.now())
        notices.success(request, f"We're sending it to {booking.customer_name} again.")
    except AppError as refusal:
        notices.warning(request, refusal.message)
    return redirect("booking", booking.pk)
