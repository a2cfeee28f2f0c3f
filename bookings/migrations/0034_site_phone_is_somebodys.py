"""Reads the table without keeping anybody from writing to it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0033_who_is_home"),
    ]

    operations = [
        ValidateConstraint("booking", "booking_site_phone_is_somebodys"),
    ]
