"""The Django application of this room."""

from django.apps import AppConfig

from coterie.kit import durability


class AccountsConfig(AppConfig):
    """Registers the room under the label `accounts`; the first room, so it also guards the database."""

    name = "coterie.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.mfa.signals import authentication_failed

        from coterie.accounts.adapter import second_factor_failed

        authentication_failed.connect(second_factor_failed)
        durability.watch()
