"""The product's addresses, and the pages that show sent mails and SMS. ROOT_URLCONF=local.urls puts them in place."""

from django.urls import include, path

from web.urls import urlpatterns as product

urlpatterns = [*product, path("", include("local.sent_views"))]
