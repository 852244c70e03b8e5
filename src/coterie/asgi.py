"""The ASGI application: `uvicorn coterie.asgi:application`."""

import os

import django

from coterie.kit import collector

collector.calm()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coterie.settings")
django.setup(set_prefix=False)

# Only now: rooms can be imported when Django is set up.
from coterie.tracking.endpoints import tracking  # noqa: E402
from coterie.web.limits import capped  # noqa: E402
from coterie.web.serving import PooledHandler  # noqa: E402

application = tracking(capped(PooledHandler()))
