from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audience", "0001_start"),
    ]

    operations = [
        migrations.AddField(
            model_name="indexstate",
            name="parts",
            field=models.JSONField(default=dict),
        ),
    ]
