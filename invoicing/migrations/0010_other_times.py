from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0009_brought_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="broughtfile",
            name="keeps_other_times",
            field=models.BooleanField(
                db_default=False, default=False, help_text="What lacks what a job needs becomes time off."
            ),
        ),
    ]
