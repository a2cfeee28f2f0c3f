"""What a customer opens: the booking widget, and the page of their own booking."""

from django.urls import path

from . import (
    asking,
    call_backs,
    documents,
    logo,
    manage,
    moving,
    on_site,
    paying,
    photos,
    quotes,
    rebooking,
    reminders,
    waitlist,
    widget,
)

urlpatterns = [
    path("book/<slug:slug>", widget.widget, name="booking_widget"),
    path("book/<slug:slug>/call", call_backs.call_back, name="call_back"),
    path("logos/<uuid:tradie_id>/<str:digest>.jpg", logo.logo, name="logo_picture"),
    path("book/<slug:slug>/wait", waitlist.wait, name="wait"),
    path("waiting/<str:waiting_token>", waitlist.waiting, name="waiting"),
    path("widget/index.html", widget.widget, name="widget_page"),
    path("manage/<str:token>", manage.manage, name="manage"),
    path("manage/<str:token>/cancel", manage.cancel, name="manage_cancel"),
    path("manage/<str:token>/move", moving.move, name="manage_move"),
    path("manage/<str:token>/rebook", rebooking.rebook, name="manage_rebook"),
    path("manage/<str:token>/call", asking.call, name="manage_call"),
    path("manage/<str:token>/on-site", on_site.on_site, name="manage_on_site"),
    path("manage/<str:token>/link", asking.new_link, name="manage_link"),
    path("manage/reminders/<uuid:booking_id>/<str:key>", reminders.reminders, name="reminders"),
    path("manage/<str:token>/documents/<uuid:document_id>", documents.document, name="manage_document"),
    path("manage/<str:token>/deposit-receipt", documents.deposit_receipt, name="manage_deposit_receipt"),
    path("manage/<str:token>/photos", photos.photos, name="manage_photos"),
    path("manage/<str:token>/photos/<uuid:photo_id>", photos.photo, name="manage_photo"),
    path("manage/<str:token>/photos/<uuid:photo_id>/remove", photos.remove, name="manage_photo_remove"),
    path("pay/<str:token>", paying.pay, name="pay"),
    path("manage/<str:token>/booking.ics", manage.calendar, name="manage_calendar"),
    path("quote/<str:quote_token>", quotes.quote, name="quote"),
    path("quote/<str:quote_token>/time", quotes.time, name="quote_time"),
    path("quote/<str:quote_token>/decline", quotes.decline, name="quote_decline"),
]
