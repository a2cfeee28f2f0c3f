from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0027_photo_due")]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="question",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The id of the question that it answers.",
                max_length=40,
            ),
        ),
    ]
