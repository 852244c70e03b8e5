"""The Django application of this room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Registers the room under the label `jobs`."""

    name = "coterie.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
