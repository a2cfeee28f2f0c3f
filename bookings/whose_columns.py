"""Whose job it is, and where: of a booking, and of a quote."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat

from peepopay.phone_column import PhoneColumn

ERASED = "(erased)"
# `token_hash` becomes one that no token has, so that the link in old mails opens nothing.
NOBODYS: dict[str, Any] = {
    "customer_name": ERASED,
    "customer_email": "",
    "customer_phone": "",
    "address_line1": "",
    "address_suburb": "",
    "address_postcode": "",
    "token_hash": Concat(Value("erased "), Cast(F("pk"), models.CharField())),
}


class WhoseColumns(models.Model):
    customer_name = models.CharField(max_length=120)
    customer_email = models.EmailField()
    customer_phone = PhoneColumn()
    address_line1 = models.CharField(max_length=200)
    address_suburb = models.CharField(max_length=80)
    address_state = models.CharField(max_length=3)
    address_postcode = models.CharField(max_length=4)

    class Meta:
        abstract = True
