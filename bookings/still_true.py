"""Whether what a message would say is still so when it is about to be sent."""

from __future__ import annotations

from datetime import datetime

from notifications.models import Message

from .models import Booking


def untrue(booking: Booking, message: Message, *, now: datetime) -> str:
    """Why what this kind would say isn't so any more; nothing where it is."""
    asked, facts = booking.asked_to_move_at, message.facts
    match message.kind:
        case "booking_moved" | "booking_moved_tradie" if facts["sequence"] != booking.sequence:
            return "The booking was moved again."
        case "call_wanted_tradie" if booking.call_wanted_since is None:
            return "Somebody called them already."
        case "running_late" | "on_time" if facts["late_minutes"] != booking.late_minutes:
            return "They have said something else since."
        case "asked_to_move" if asked is None:
            return "It was settled already."
        case "waitlist_offer" if booking.held_until is None or booking.held_until <= now:
            return "They had it long enough to think about."
        case "time_kept" if asked is not None:
            return "They can't make it after all."
    return ""
