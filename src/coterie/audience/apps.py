"""The Django application of this room."""

from django.apps import AppConfig


class AudienceConfig(AppConfig):
    """Registers the room under the label `audience`: its kind of job, what it holds in memory with those who measure
    it, and how far the index is with those who wait for it."""

    name = "coterie.audience"
    label = "audience"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from prometheus_client import REGISTRY

        from coterie.audience.likeness import KINDS
        from coterie.audience.metrics import SetsCollector
        from coterie.audience.projector import wait_until
        from coterie.jobs import kinds
        from coterie.people import retyping

        kinds.register(*KINDS)
        REGISTRY.register(SetsCollector())
        retyping.provide_reached(lambda workspace, seq: wait_until(workspace, seq, seconds=0))
