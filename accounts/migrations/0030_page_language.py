from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0029_for_assistants"),
    ]

    operations = [
        migrations.AddField(
            model_name="tradie",
            name="page_language",
            field=models.CharField(
                blank=True,
                choices=[("en", "English"), ("zh", "Simplified Chinese (简体中文)")],
                db_default="",
                default="",
                help_text="None: the visitor's.",
                max_length=2,
            ),
        ),
    ]
