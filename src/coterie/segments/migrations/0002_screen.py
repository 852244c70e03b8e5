import django.db.models.deletion
from django.db import migrations, models

import coterie.kit.clock
import coterie.segments.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_cache"),
        ("segments", "0001_start"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkUndo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=coterie.segments.models.undo_id, editable=False, max_length=40, unique=True
                    ),
                ),
                ("by", models.CharField(max_length=60)),
                ("permission", models.CharField(max_length=40)),
                ("body", models.JSONField()),
                ("at", models.DateTimeField(default=coterie.kit.clock.now)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "at"], name="bulk_undo_age")],
            },
        ),
    ]
