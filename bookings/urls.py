"""Today, the bookings, the customer's own page and the widget."""

from django.urls import path

from .views import dashboard, manage, today, widget

dashboard_urls = [
    path("", today.today, name="dashboard_today"),
    path("bookings", dashboard.bookings, name="bookings"),
    path("bookings/<uuid:booking_id>", dashboard.booking, name="booking"),
    path("bookings/<uuid:booking_id>/approve", dashboard.approve, name="booking_approve"),
    path("bookings/<uuid:booking_id>/decline", dashboard.decline, name="booking_decline"),
    path("bookings/<uuid:booking_id>/done", dashboard.done, name="booking_done"),
    path("bookings/<uuid:booking_id>/no-show", dashboard.no_show, name="booking_no_show"),
    path("bookings/<uuid:booking_id>/cancel", dashboard.cancel, name="booking_cancel"),
    path("bookings/<uuid:booking_id>/notes", dashboard.notes, name="booking_notes"),
]

public_urls = [
    path("book/<slug:slug>", widget.widget, name="booking_widget"),
    path("manage/<str:token>", manage.manage, name="manage"),
    path("manage/<str:token>/cancel", manage.cancel, name="manage_cancel"),
    path("manage/<str:token>/booking.ics", manage.calendar, name="manage_calendar"),
]
