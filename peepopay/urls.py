"""The address map, on one screen."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import accounts.urls as accounts
import availability.urls as availability
import bookings.urls as bookings
from accounts.api import TradieProfile
from accounts.views import home
from availability.api import Availability
from bookings.api import Bookings, OneBooking
from payments.api import DepositIntent
from payments.webhooks import StripeWebhook

from . import health

urlpatterns = [
    path("", home.home, name="home"),
    path("health", health.everything, name="health"),
    path("health/db", health.database, name="health_db"),
    path("health/redis", health.redis, name="health_redis"),
    path("health/rabbitmq", health.broker, name="health_rabbitmq"),
    path("api/tradies/<slug:slug>", TradieProfile.as_view(), name="api_tradie"),
    path("api/availability/<slug:slug>", Availability.as_view(), name="api_availability"),
    path("api/bookings", Bookings.as_view(), name="api_bookings"),
    path("api/bookings/<uuid:booking_id>", OneBooking.as_view(), name="api_booking"),
    path("api/payments/intent", DepositIntent.as_view(), name="api_payment_intent"),
    path("webhooks/stripe", StripeWebhook.as_view(), name="stripe_webhook"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", require_safe(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="api_docs"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path(
        "dashboard/",
        include([*bookings.dashboard_urls, *accounts.dashboard_urls, *availability.dashboard_urls]),
    ),
    *bookings.public_urls,
]

if settings.SENT_MESSAGES_DIR:  # development: mails and SMS are files, and this shows them
    urlpatterns.append(path("", include("peepopay.local.sent_views")))
