"""The address map, by who comes through each door."""

from django.contrib import admin
from django.urls import include, path

from peepopay import health

from .dashboard.joining import join
from .home import home
from .webhooks import StripeWebhook

urlpatterns = [
    path("", home, name="home"),
    path("health", health.everything, name="health"),
    path("health/db", health.database, name="health_db"),
    path("health/redis", health.redis, name="health_redis"),
    path("health/rabbitmq", health.broker, name="health_rabbitmq"),
    path("api/", include("web.api.urls")),
    path("webhooks/stripe", StripeWebhook.as_view(), name="stripe_webhook"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("dashboard/", include("web.dashboard.urls")),
    path("join/<str:token>", join, name="join"),
    path("", include("web.customer.urls")),
]
