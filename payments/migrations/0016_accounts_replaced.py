import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0022_allowed_sites"),
        ("payments", "0015_payouts"),
    ]

    operations = [
        migrations.AddField(
            model_name="connectedaccount",
            name="former_tradie",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Whose customers paid on it before another account took its place.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="former_accounts",
                to="accounts.tradie",
            ),
        ),
        migrations.AddField(
            model_name="connectedaccount",
            name="replaced_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="connectedaccount",
            name="tradie",
            field=models.OneToOneField(
                blank=True,
                help_text="Whose customers pay on it now.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="connected_account",
                to="accounts.tradie",
            ),
        ),
        migrations.AddConstraint(
            model_name="connectedaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("former_tradie__isnull", True), ("replaced_at__isnull", True), ("tradie__isnull", False)
                )
                | models.Q(
                    ("former_tradie__isnull", False), ("replaced_at__isnull", False), ("tradie__isnull", True)
                ),
                name="connected_account_has_its_business",
                violation_error_code="tradie",
                violation_error_message="An account belongs to a business.",
            ),
        ),
    ]
