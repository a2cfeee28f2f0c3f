from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_signed_in_browsers"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="about_id",
            field=models.UUIDField(blank=True, help_text="Of the service, where it is about one.", null=True),
        ),
    ]
