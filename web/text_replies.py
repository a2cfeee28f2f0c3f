"""POST /webhooks/sms: what people text back to our number, as Twilio hands it on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from bookings import text_replies
from peepopay.api_outputs import ErrorSerializer
from peepopay.errors import MalformedRequest

from .api.bases import PublicAPI

MOST_BYTES = 64 * 1024
MOST_FIELDS = 100
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
# Twilio itself answers STOP and START. What else is answered goes out as any other text, within its budget.
NOTHING_MORE = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class TextReply(PublicAPI):
    """Twilio's door: a form, signed. STOP and START are kept to, the rest lands with the business; a copy changes
    nothing."""

    parser_classes: list[Any] = []

    @extend_schema(
        operation_id="text_reply",
        summary="Texts that people send back",
        description="From Twilio: the address to enter there under “A message comes in”.",
        parameters=[OpenApiParameter("X-Twilio-Signature", str, OpenApiParameter.HEADER, required=True)],
        request={"application/x-www-form-urlencoded": {"type": "object"}},
        responses={
            (200, "text/xml"): OpenApiResponse({"type": "string"}, "Taken"),
            400: OpenApiResponse(
                ErrorSerializer, "MALFORMED_REQUEST: not signed by Twilio, or more than 64 kB"
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        raw = request._request.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise MalformedRequest("That is too long; the most is 64 kB.")
        fields = _fields(raw)
        signature = request.headers.get("X-Twilio-Signature", "")
        if not is_signed(settings.SITE_URL + request.get_full_path(), fields, signature):
            raise MalformedRequest("The signature does not match.")
        number, seen_as = fields.get("From", ""), fields.get("MessageSid", "")[:64]
        if NUMBER.fullmatch(number) and seen_as:
            words, meant = fields.get("Body", "").replace("\0", ""), fields.get("OptOutType", "")
            text_replies.take(number, words, seen_as=seen_as, meant=meant, now=timezone.now())
        return HttpResponse(NOTHING_MORE, content_type="text/xml")


def _fields(raw: bytes) -> dict[str, str]:
    """Raises MalformedRequest."""
    try:
        pairs = parse_qsl(
            raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, strict_parsing=bool(raw)
        )
    except ValueError as problem:
        raise MalformedRequest from problem
    return dict(pairs)


def is_signed(url: str, fields: dict[str, str], signature: str) -> bool:
    """Whether whoever sent it knows our token at Twilio; never without one. SHA-1 is Twilio's choice.

    https://www.twilio.com/docs/usage/security#validating-requests
    """
    token = settings.TWILIO_AUTH_TOKEN
    if not token:
        return False
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    right = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest())
    return hmac.compare_digest(right, signature.encode())
