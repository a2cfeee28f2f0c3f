from django.db import migrations, models

BY_CUSTOMER = """
CREATE INDEX CONCURRENTLY booking_by_customer ON bookings_booking (customer_id) WHERE customer_id IS NOT NULL
"""

# Of the bookings that there are: one customer for each phone number of a business. What is booked meanwhile, by a
# version before this one, `customers.assign_missing` finds at night.
BY_PHONE = """
WITH people AS (
  SELECT DISTINCT ON (tradie_id, customer_phone) tradie_id, customer_phone, customer_name, created_at
  FROM bookings_booking WHERE erased_at IS NULL AND holds_for_id IS NULL
  ORDER BY tradie_id, customer_phone, created_at DESC),
named AS MATERIALIZED (SELECT gen_random_uuid() AS id, people.* FROM people),
made AS (
  INSERT INTO bookings_customer (id, tradie_id, name, created_at, seen_at)
  SELECT id, tradie_id, customer_name, created_at, created_at FROM named)
INSERT INTO bookings_customercontact (tradie_id, customer_id, value)
SELECT tradie_id, id, customer_phone FROM named
"""
BY_EMAIL = """
INSERT INTO bookings_customercontact (tradie_id, customer_id, value)
SELECT DISTINCT ON (b.tradie_id, b.customer_email) b.tradie_id, c.customer_id, b.customer_email
FROM bookings_booking b
JOIN bookings_customercontact c ON c.tradie_id = b.tradie_id AND c.value = b.customer_phone
WHERE b.erased_at IS NULL AND b.customer_email <> ''
ORDER BY b.tradie_id, b.customer_email, b.created_at DESC
ON CONFLICT DO NOTHING
"""
THEIRS = """
UPDATE bookings_booking b SET customer_id = c.customer_id FROM bookings_customercontact c
WHERE c.tradie_id = b.tradie_id AND c.value = b.customer_phone AND b.erased_at IS NULL AND b.holds_for_id IS NULL
"""


class Migration(migrations.Migration):
    """The index stops nobody, so it is made outside a transaction."""

    atomic = False
    dependencies = [("bookings", "0020_customers")]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (BY_PHONE, BY_EMAIL, THEIRS)),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(BY_CUSTOMER, "DROP INDEX CONCURRENTLY booking_by_customer")],
            [
                migrations.AddIndex(
                    "booking",
                    models.Index(
                        fields=["customer"],
                        condition=models.Q(customer__isnull=False),
                        name="booking_by_customer",
                    ),
                )
            ],
        ),
    ]
