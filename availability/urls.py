"""Working hours, special dates, booking rules and time off in the dashboard."""

from datetime import date

from django.urls import path, register_converter

from .views import hours, time_off


class DateConverter:
    """`2027-01-26`; anything else is an unknown address."""

    regex = "20[0-9]{2}-[01][0-9]-[0-3][0-9]"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DateConverter, "date")

dashboard_urls = [
    path("hours", hours.week, name="hours"),
    path("hours/dates", hours.dates, name="dates"),
    path("hours/dates/new", hours.add_date, name="date_add"),
    path("hours/dates/<date:day>", hours.change_date, name="date_change"),
    path("hours/dates/<date:day>/remove", hours.clear_date, name="date_remove"),
    path("hours/rules", hours.booking_rules, name="booking_rules"),
    path("time-off", time_off.time_off, name="time_off"),
    path("time-off/new", time_off.add, name="time_off_add"),
    path("time-off/<uuid:block_id>", time_off.change, name="time_off_change"),
    path("time-off/<uuid:block_id>/remove", time_off.remove, name="time_off_remove"),
]
