"""Fill the field `channels` of people who have identities of channels already, a chunk in a transaction."""

from typing import Any

from django.db import migrations, transaction

CHANNELS = ("telegram", "messenger", "whatsapp", "sms", "voice", "webchat", "sandbox")
CHUNK = 1_000


def fill(apps: Any, _schema_editor: Any) -> None:
    rows = apps.get_model("people", "Identity")._base_manager.filter(kind__in=CHANNELS)
    for workspace in rows.values_list("workspace_id", flat=True).distinct().order_by():
        after = 0
        while True:
            mine = rows.filter(workspace_id=workspace, number__gt=after)
            numbers = list(mine.values_list("number", flat=True).distinct().order_by("number")[:CHUNK])
            if not numbers:
                break
            after = numbers[-1]
            kinds: dict[int, set[str]] = {}
            for number, kind in mine.filter(number__lte=after).values_list("number", "kind"):
                kinds.setdefault(number, set()).add(kind)
            with transaction.atomic():
                people = apps.get_model("people", "Person")._base_manager.filter(
                    workspace_id=workspace, number__in=numbers, state="active"
                )
                for person in people.select_for_update():
                    person.data["channels"] = sorted(kinds[person.number])
                    person.save(update_fields=["data"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("people", "0006_attribute_other_type"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
