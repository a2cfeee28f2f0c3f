"""The address map, by who comes through each door."""

from django.contrib import admin
from django.urls import include, path

from peepopay import health

from .dashboard.calendar_feed import feed
from .dashboard.joining import join
from .home import home
from .mcp.door import mcp
from .mcp.llms import llms
from .status import status
from .text_replies import TextReply
from .van import manifest, worker
from .webhooks import StripeWebhook

handler400 = "peepopay.middleware.bad_request"

urlpatterns = [
    path("", home, name="home"),
    path("status", status, name="status"),
    path("health", health.process, name="health"),
    path("health/all", health.everything, name="health_all"),
    *(path(f"health/{part}", health.part, {"name": part}, name=f"health_{part}") for part in health.PARTS),
    path("api/", include("web.api.urls")),
    path("mcp", mcp, name="mcp"),
    path("llms.txt", llms, name="llms"),
    path("webhooks/stripe", StripeWebhook.as_view(), name="stripe_webhook"),
    path("webhooks/sms", TextReply.as_view(), name="text_reply"),
    path("admin/", admin.site.urls),
    path("accounts/", include("web.sign_in.urls")),
    path("dashboard/worker.js", worker, name="van_worker"),
    path("dashboard/app.webmanifest", manifest, name="manifest"),
    path("dashboard/", include("web.dashboard.urls")),
    path("feeds/<str:feed_token>.ics", feed, name="feed"),
    path("join/<str:token>", join, name="join"),
    path("", include("web.customer.urls")),
]
