"""The Django application of this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the room under the label `people`, its kinds of job, and the log for changes of a time zone."""

    name = "coterie.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only now.
        from coterie.jobs import kinds
        from coterie.people.changes import watch_zones
        from coterie.people.retyping import KINDS

        watch_zones()
        kinds.register(*KINDS)
