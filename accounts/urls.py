"""The business and its services in the dashboard."""

from django.urls import path

from .views import business, services

dashboard_urls = [
    path("set-up", business.set_up, name="business_setup"),
    path("business", business.details, name="business"),
    path("services", services.services, name="services"),
    path("services/new", services.add, name="service_add"),
    path("services/<uuid:service_id>", services.change, name="service_change"),
    path("services/<uuid:service_id>/offer", services.offer, name="service_offer"),
    path("services/<uuid:service_id>/move", services.move, name="service_move"),
]
