"""The Django application of this room."""

from django.apps import AppConfig


class TransfersConfig(AppConfig):
    """Registers the room under the label `transfers`, its kinds of job, and where it uses segments."""

    name = "coterie.transfers"
    label = "transfers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from coterie.accounts import naming
        from coterie.jobs import kinds
        from coterie.segments import uses
        from coterie.transfers import destinations, queries, schedules
        from coterie.transfers.tasks import KINDS

        kinds.register(*KINDS)
        naming.register("dst", destinations.names_of)
        naming.register("exs", schedules.names_of)
        uses.register(schedules.that_name)
        uses.register(queries.that_name)
