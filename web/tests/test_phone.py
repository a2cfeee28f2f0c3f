"""One rule for phone numbers, at every door, and the database's word on it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError as FormError
from django.db import IntegrityError, transaction
from rest_framework.serializers import ValidationError as ApiError

from accounts.models import Service, Tradie
from bookings.models import Booking
from local.testing.cast import make_booking
from peepopay.phone import PhoneField, as_written
from web.api.booking_inputs import PhoneField as ApiPhoneField

# As typed, as kept, as shown.
NUMBERS = [
    ("0412 345 678", "+61412345678", "0412 345 678"),
    ("0412345678", "+61412345678", "0412 345 678"),
    ("+61 412 345 678", "+61412345678", "0412 345 678"),
    (" +61 0412-345-678 ", "+61412345678", "0412 345 678"),
    ("(02) 9550 1234", "+61295501234", "(02) 9550 1234"),
    ("08 9221 4455", "+61892214455", "(08) 9221 4455"),
    ("1300 975 707", "+611300975707", "1300 975 707"),
    ("1800 555 677", "+611800555677", "1800 555 677"),
    ("13 11 14", "+61131114", "13 11 14"),
    ("+64 21 123 4567", "+64211234567", "+64 21 123 4567"),
    ("+44 20 7946 0958", "+442079460958", "+44 20 7946 0958"),
    ("0011 64 21 123 4567", "+64211234567", "+64 21 123 4567"),
]
# A landline without its area code, an emergency number, one too short, one of another country without its code.
NOT_NUMBERS = [
    "9550 1234",
    "000",
    "12",
    "0412 345 67",
    "021 123 4567 89",
    "+999 12345",
    "phone",
    "tel:",
    "٠٤١٢",
]


@pytest.mark.parametrize(("typed", "kept", "shown"), NUMBERS)
def test_a_number_is_kept_as_e164_and_shown_as_australians_write_it(
    typed: str, kept: str, shown: str
) -> None:
    field = PhoneField()
    assert (field.clean(typed), ApiPhoneField().run_validation(typed)) == (kept, kept)
    assert (as_written(kept), field.prepare_value(kept)) == (shown, shown)
    assert field.has_changed(kept, typed) is False


@pytest.mark.parametrize("typed", NOT_NUMBERS)
def test_what_is_no_number_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(FormError) as refused:
        PhoneField().clean(typed)
    with pytest.raises(ApiError) as refused_by_api:
        ApiPhoneField().run_validation(typed)
    sentence = "Write a phone number such as 0412 345 678."
    assert (refused.value.messages, refused_by_api.value.detail) == ([sentence], [sentence])


def test_what_is_typed_again_after_an_error_stays_as_typed() -> None:
    assert PhoneField().prepare_value("0412 345") == "0412 345"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("tradie_phone_is_e164", {"phone": "(02) 9550 1234"}),
        ("tradie_phone_is_e164", {"phone": ""}),
        ("tradie_mobile_is_e164", {"mobile": "0412 345 678"}),
    ],
)
def test_the_database_keeps_e164_of_a_business_and_nothing_else(
    sam: Tradie, constraint: str, change: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Tradie.objects.filter(pk=sam.pk).update(**change)
    assert Tradie.objects.filter(pk=sam.pk).update(mobile="") == 1


@pytest.mark.django_db
def test_the_database_keeps_e164_of_a_customer_and_nothing_else(drain: Service) -> None:
    booking = make_booking(drain)
    with pytest.raises(IntegrityError, match="booking_phone_is_e164"), transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(customer_phone="0412 345 678")
