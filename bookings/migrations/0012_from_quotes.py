from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0011_no_shows")]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="quote_id",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="booking",
            name="quote_is_off",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="Of a hold that lapsed: its quote was changed or withdrawn since. Paid late, it goes back.",
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="quote_lines",
            field=models.JSONField(
                blank=True, db_default=models.Value([], models.JSONField()), default=list, editable=False
            ),
        ),
    ]
