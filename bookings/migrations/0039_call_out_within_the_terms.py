"""Reads the table without keeping anybody from writing to it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0038_call_out_zones"),
    ]

    operations = [
        ValidateConstraint("booking", "booking_call_out_within_the_terms"),
    ]
