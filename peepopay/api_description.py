"""What the OpenAPI schema says of the whole API. No part of Django may be imported here: the settings read it."""

from typing import Any

SPECTACULAR: dict[str, Any] = {
    "TITLE": "PeepoPay",
    "DESCRIPTION": "Bookings with a deposit for Australian tradies. Money is in integer cents (AUD, GST included), "
    "times are ISO 8601 with the tradie's UTC offset. Every error has one shape; switch on its `code`. What is not "
    "described here (a further parameter or field) is not looked at; of a parameter given twice the last counts.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_PATCH": False,  # what a PATCH may send has a serializer of its own
    "PATH_CONVERTER_OVERRIDES": {
        "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
        "id": {"type": "string", "format": "uuid"},
    },
    "ENUM_NAME_OVERRIDES": {
        "BookingStatusEnum": "bookings.models.Status",
        "DocumentKindEnum": "invoicing.invoice_models.DocumentKind",
        "QuoteStateEnum": "invoicing.quote_states.QuoteState",
        "StateEnum": "accounts.places.AustralianState",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVERS": [{"url": "/"}],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bookingToken": {"type": "http", "scheme": "bearer"},
            "apiKey": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key made under Connections (`ppk_...`); docs/api-keys.md lists the scopes.",
            },
            "dashboardSession": {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": "Signed in to the dashboard; changes need the X-CSRFToken header as well.",
            },
        }
    },
}
