"""The Django application of this room."""

from django.apps import AppConfig


class TrackingConfig(AppConfig):
    """Registers the room under the label `tracking`."""

    name = "coterie.tracking"
    label = "tracking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only now.
        from coterie.tracking.keys import watch_keys

        watch_keys()
