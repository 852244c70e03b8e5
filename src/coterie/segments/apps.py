"""The Django application of this room."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Registers the room under the label `segments`, its upkeep with the projector, its kinds of job,
    and what it keeps by people's numbers."""

    name = "coterie.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only now.
        from coterie.accounts import naming
        from coterie.audience import upkeep
        from coterie.jobs import kinds
        from coterie.people import belongings
        from coterie.segments.bulk_jobs import KINDS
        from coterie.segments.handover import BELONGING
        from coterie.segments.queries import memberships_of
        from coterie.segments.upkeep import MembershipUpkeep
        from coterie.segments.visibility import definition_of, names_for, names_of

        naming.register("seg", names_of)
        upkeep.register(MembershipUpkeep())
        upkeep.provide_visible(names_for)
        upkeep.provide_definition(definition_of)
        upkeep.provide_memberships(memberships_of)
        kinds.register(*KINDS)
        belongings.register(BELONGING)
