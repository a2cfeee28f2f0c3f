import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0006_reviews"),
    ]

    operations = [
        migrations.AddField(
            model_name="messagesettings",
            name="takes_replies",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="They land in the thread of the booking.",
                verbose_name="replies to texts",
            ),
        ),
        migrations.AlterField(
            model_name="newschoice",
            name="by_email",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("booked", "A new booking"),
                        ("asked", "A request that waits for a yes or no"),
                        ("moved", "A booking moved"),
                        ("cancelled", "A booking is cancelled"),
                        ("call", "A customer wants a call, or texts back"),
                    ],
                    max_length=10,
                ),
                blank=True,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="newschoice",
            name="by_sms",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("booked", "A new booking"),
                        ("asked", "A request that waits for a yes or no"),
                        ("moved", "A booking moved"),
                        ("cancelled", "A booking is cancelled"),
                        ("call", "A customer wants a call, or texts back"),
                    ],
                    max_length=10,
                ),
                blank=True,
                size=None,
            ),
        ),
    ]
