"""The HTTP API, under /api/."""

from django.urls import path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from peepopay.ids import IdConverter
from peepopay.methods import require_safe

from .availability import Availability
from .bases import by_credentials
from .bookings import Bookings, OneBooking
from .jobs import Jobs, OneJob
from .me import Me
from .payment_intent import CardConsents, DepositIntent
from .policy_statement import PolicyStatement
from .tradie_profile import TradieProfile

register_converter(IdConverter, "id")

urlpatterns = [
    path("tradies/<slug:slug>", TradieProfile.as_view(), name="api_tradie"),
    path("tradies/<slug:slug>/statement", PolicyStatement.as_view(), name="api_policy_statement"),
    path("availability/<slug:slug>", Availability.as_view(), name="api_availability"),
    path("bookings", by_credentials(Bookings, Jobs), name="api_bookings"),
    path("bookings/<id:booking_id>", by_credentials(OneBooking, OneJob), name="api_booking"),
    path("payments/intent", DepositIntent.as_view(), name="api_payment_intent"),
    path("payments/consent", CardConsents.as_view(), name="api_card_consent"),
    path("me", Me.as_view(), name="api_me"),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", require_safe(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="api_docs"),
]
