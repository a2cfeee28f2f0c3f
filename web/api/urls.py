"""The HTTP API, under /api/."""

from django.urls import path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from peepopay.ids import IdConverter
from peepopay.methods import require_safe

from .availability import Availability
from .bases import by_credentials
from .bookings import Bookings, OneBooking
from .call_backs import CallBacks
from .documents import Invoices, OneInvoice, OneQuote, Quotes
from .jobs import Jobs, OneJob
from .manual import ManualBooking
from .me import Me
from .opening import Opening
from .payment_intent import CardConsents, DepositIntent, HoldExtension
from .photos import Photos
from .policy_statement import PolicyStatement
from .services import OneService, Services
from .special_dates import OneSpecialDate, SpecialDates
from .suburbs import Suburbs
from .time_off import OneTimeOff, TimesOff
from .tradie_profile import TradieProfile
from .waitlist import Waitlist
from .widget_reports import WidgetReport
from .working_hours import OneRange, WorkingWeek

register_converter(IdConverter, "id")

urlpatterns = [
    path("tradies/<slug:slug>", TradieProfile.as_view(), name="api_tradie"),
    path("tradies/<slug:slug>/opening", Opening.as_view(), name="api_opening"),
    path("tradies/<slug:slug>/statement", PolicyStatement.as_view(), name="api_policy_statement"),
    path("tradies/<slug:slug>/widget-report", WidgetReport.as_view(), name="api_widget_report"),
    path("availability/<slug:slug>", Availability.as_view(), name="api_availability"),
    path("suburbs", Suburbs.as_view(), name="api_suburbs"),
    path("bookings", by_credentials(Bookings, Jobs), name="api_bookings"),
    path("bookings/manual", ManualBooking.as_view(), name="api_booking_manual"),
    path("bookings/<id:booking_id>", by_credentials(OneBooking, OneJob), name="api_booking"),
    path("bookings/<id:booking_id>/photos", Photos.as_view(), name="api_booking_photos"),
    path("callbacks", CallBacks.as_view(), name="api_call_backs"),
    path("waitlist", Waitlist.as_view(), name="api_waitlist"),
    path("payments/intent", DepositIntent.as_view(), name="api_payment_intent"),
    path("payments/extension", HoldExtension.as_view(), name="api_hold_extension"),
    path("payments/consent", CardConsents.as_view(), name="api_card_consent"),
    path("services", Services.as_view(), name="api_services"),
    path("services/<id:service_id>", OneService.as_view(), name="api_service"),
    path("working-hours", WorkingWeek.as_view(), name="api_working_hours"),
    path("working-hours/<id:range_id>", OneRange.as_view(), name="api_working_range"),
    path("special-dates", SpecialDates.as_view(), name="api_special_dates"),
    path("special-dates/<str:day>", OneSpecialDate.as_view(), name="api_special_date"),
    path("time-off", TimesOff.as_view(), name="api_time_off"),
    path("time-off/<id:block_id>", OneTimeOff.as_view(), name="api_one_time_off"),
    path("invoices", Invoices.as_view(), name="api_invoices"),
    path("invoices/<id:invoice_id>", OneInvoice.as_view(), name="api_invoice"),
    path("quotes", Quotes.as_view(), name="api_quotes"),
    path("quotes/<id:quote_id>", OneQuote.as_view(), name="api_quote"),
    path("me", Me.as_view(), name="api_me"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", require_safe(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="api_docs"),
]
