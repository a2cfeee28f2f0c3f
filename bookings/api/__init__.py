"""The bookings endpoints of the public API."""

from .views import Bookings, OneBooking

__all__ = ["Bookings", "OneBooking"]
