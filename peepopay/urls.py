"""The address map, on one screen."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from . import health

urlpatterns = [
    path("health", health.everything, name="health"),
    path("health/db", health.database, name="health_db"),
    path("health/redis", health.redis, name="health_redis"),
    path("health/rabbitmq", health.broker, name="health_rabbitmq"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api_docs"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
