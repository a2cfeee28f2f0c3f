from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0024_changes_of_a_service"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="apikey",
            name="api_key_scopes_known",
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "scopes__contained_by",
                        [
                            "bookings:read",
                            "bookings:make",
                            "bookings:change",
                            "services:read",
                            "services:change",
                            "hours:read",
                            "hours:change",
                            "invoices:read",
                            "quotes:read",
                            "profile:read",
                        ],
                    ),
                    models.Q(("scopes", []), _negated=True),
                ),
                name="api_key_scopes_known",
            ),
        ),
    ]
