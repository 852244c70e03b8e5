"""The Django application of this room."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Registers the room under the label `privacy`, and its kinds of job."""

    name = "coterie.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from coterie.jobs import kinds
        from coterie.privacy.tasks import KINDS

        kinds.register(*KINDS)
