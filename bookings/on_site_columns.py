"""Whoever is there when the job is done, if that isn't the customer, and how to get in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from peepopay.phone_column import PhoneColumn, is_e164


class OnSiteColumns(models.Model):
    site_name = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="Who is home, if it isn't the customer.",
    )
    site_phone = PhoneColumn(blank=True, default="", db_default="")
    access_notes = models.CharField(
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text="How to get in: where the key is, a gate code.",
    )

    class Meta:
        abstract = True


SITE_PHONE_IS_SOMEBODYS = models.CheckConstraint(
    name="booking_site_phone_is_somebodys",
    condition=Q(site_phone="") | (is_e164("site_phone") & ~Q(site_name="")),
    violation_error_code="site_name",
    violation_error_message="Whose number is it?",
)
