"""The HTTP API, under /api/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from peepopay.methods import require_safe

from .availability import Availability
from .bookings import Bookings, OneBooking
from .me import Me
from .payment_intent import DepositIntent
from .policy_statement import PolicyStatement
from .tradie_profile import TradieProfile

urlpatterns = [
    path("tradies/<slug:slug>", TradieProfile.as_view(), name="api_tradie"),
    path("tradies/<slug:slug>/statement", PolicyStatement.as_view(), name="api_policy_statement"),
    path("availability/<slug:slug>", Availability.as_view(), name="api_availability"),
    path("bookings", Bookings.as_view(), name="api_bookings"),
    path("bookings/<uuid:booking_id>", OneBooking.as_view(), name="api_booking"),
    path("payments/intent", DepositIntent.as_view(), name="api_payment_intent"),
    path("me", Me.as_view(), name="api_me"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", require_safe(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="api_docs"),
]
