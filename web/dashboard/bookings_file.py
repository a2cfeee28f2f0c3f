"""The list of bookings as a file that any spreadsheet reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bookings.models import Booking
from payments.totals import totals_in
from peepopay.csv_files import Cell, in_dollars
from peepopay.local_time import in_zone
from peepopay.phone import as_written

COLUMNS = (
    "Date",
    "Starts",
    "Ends",
    "Time zone",
    "Reference",
    "Status",
    "Service",
    "Who does it",
    "Customer",
    "Phone",
    "Email",
    "Address",
    "Suburb",
    "Price",
    "Deposit",
    "Paid by card",
    "Refunded to the card",
)


def rows_of(bookings: Iterable[Booking], zone_name: str) -> Iterator[Sequence[Cell]]:
    """A row for each, times in the zone and amounts in dollars. A phone number has its spaces: of digits alone a
    spreadsheet makes a number, without the 0 in front. Bring along `calendar` and `payments`: no queries."""
    yield COLUMNS
    for booking in bookings:
        starts, ends = (in_zone(instant, zone_name) for instant in (booking.starts_at, booking.ends_at))
        place = f"{booking.address_suburb} {booking.address_state} {booking.address_postcode}".strip()
        totals = totals_in(booking.payments.all())
        yield [
            f"{starts:%Y-%m-%d}",
            f"{starts:%H:%M}",
            f"{ends:%H:%M}",
            starts.tzname() or zone_name,
            booking.reference,
            booking.get_status_display(),
            booking.service_name,
            booking.calendar.name,
            booking.customer_name,
            as_written(booking.customer_phone),
            booking.customer_email,
            ", ".join(filter(None, (booking.address_line1, place))),
            booking.address_suburb,
            in_dollars(booking.price_cents),
            in_dollars(booking.deposit_cents),
            in_dollars(totals.paid_cents),
            in_dollars(totals.refunded_cents),
        ]
