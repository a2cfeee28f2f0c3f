"""POST /api/bookings/:id/photos: the customer shows what the job is."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from bookings import photos
from bookings.actors import CUSTOMER
from bookings.photo_models import PhotoState
from peepopay.api_schema import errors
from peepopay.errors import (
    BookingNotChangeable,
    Forbidden,
    MalformedRequest,
    Unauthorized,
    UploadTooLarge,
    ValidationFailed,
)
from peepopay.throttling import TokenAttempts

from .bases import PublicAPI
from .booking_access import booking_of_token, for_its_holder


class PhotosInput(serializers.Serializer[Any]):
    photos = serializers.ListField(
        child=serializers.FileField(),
        help_text="JPEG, PNG, HEIC or WebP, at most 8 MB each and 10 MB together.",
    )
    question = serializers.CharField(
        required=False, max_length=40, help_text="The id of the question that they answer, if they do."
    )


class PhotoSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(
        choices=PhotoState.choices, help_text="`waiting` until it is drawn anew, a few seconds after it came."
    )


class PhotosSerializer(serializers.Serializer[Any]):
    photos = PhotoSerializer(many=True)


class Photos(PublicAPI):
    throttle_classes = [TokenAttempts]
    parser_classes = (MultiPartParser,)
    opened_by_token = True

    @extend_schema(
        operation_id="add_photos",
        summary="Add photos of the job, with the booking's token",
        request={"multipart/form-data": PhotosInput},
        responses={
            201: PhotosSerializer,
            **errors(
                ValidationFailed,
                MalformedRequest,
                UploadTooLarge,
                Unauthorized,
                Forbidden,
                BookingNotChangeable,
            ),
        },
    )
    def post(self, request: Request, booking_id: uuid.UUID) -> Response:
        """All that the booking has then. The same photo again is there once, so a request whose answer was lost can be
        repeated. At most ten of a booking; who took them where is removed from them."""
        booking = booking_of_token(request, booking_id)
        files, question = request.FILES.getlist("photos"), request.POST.get("question", "")
        photos.add(booking, files, by=CUSTOMER, now=timezone.now(), question=question)
        found = photos.photos_of(booking).values("id", "state")
        return for_its_holder({"photos": list(found)}, status=201)
