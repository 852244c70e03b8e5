"""What rooms above are told in the process where it happens."""

from django.dispatch import Signal

key_revoked = Signal()
"""An API key was revoked, `key` is its row; sent inside the transaction."""

zone_changed = Signal()
"""A workspace has another time zone, `workspace` is its row; sent inside the transaction."""
