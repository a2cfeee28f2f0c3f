"""The columns themselves take nothing below zero."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0017_refunds_by_age")]

    operations = [migrations.RemoveConstraint("bill", "bill_has_a_figure")]
