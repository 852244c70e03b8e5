import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import coterie.kit.clock
import coterie.people.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_cache"),
        ("people", "0001_start"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=coterie.people.models.note_id, editable=False, max_length=40, unique=True),
                ),
                ("number", models.PositiveBigIntegerField()),
                ("text", models.TextField()),
                ("pinned", models.BooleanField(default=False)),
                ("by", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField(default=coterie.kit.clock.now)),
                ("edited_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                "indexes": [models.Index(fields=["workspace", "number"], name="note_of_person")],
            },
        ),
    ]
