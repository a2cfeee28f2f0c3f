from django.db import migrations, models

ONE = """
CREATE UNIQUE INDEX CONCURRENTLY call_back_one_at_a_time ON bookings_callback (tradie_id, phone)
WHERE called_at IS NULL
"""


class Migration(migrations.Migration):
    """The index stops nobody, so it is made outside a transaction."""

    atomic = False
    dependencies = [("bookings", "0023_call_backs")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ONE, "DROP INDEX CONCURRENTLY call_back_one_at_a_time")],
            [
                migrations.AddConstraint(
                    "callback",
                    models.UniqueConstraint(
                        condition=models.Q(("called_at__isnull", True)),
                        fields=("tradie", "phone"),
                        name="call_back_one_at_a_time",
                    ),
                )
            ],
        ),
    ]
