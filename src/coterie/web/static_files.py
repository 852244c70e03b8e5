"""Static files, found at the start and once more when the web app was built anew, and answered whole."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

from coterie.web import pages


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise has no types
    """whitenoise, whose answers are read at once: the event loop can't send a file that is read piece by piece."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.built_at = pages.built_at()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(self.static_prefix):
            self.follow_build()
        answer: HttpResponseBase = super().__call__(request)
        return answer

    def follow_build(self) -> None:
        """Take in the files of a build that came after the start, and forget those that it has removed."""
        built = pages.built_at()
        if built is None or built == self.built_at:
            return
        self.built_at = built
        self.add_files_from_finders()
        app = f"{self.static_prefix}app/"
        for url in [url for url in self.files if url.startswith(app)]:
            if not (pages.APP / url.removeprefix(app)).is_file():
                self.files.pop(url, None)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        try:
            found = WhiteNoiseMiddleware.serve(static_file, request)
        except FileNotFoundError:
            # Of a build that is just being replaced.
            return HttpResponseNotFound()
        response = HttpResponse(b"".join(found.streaming_content), status=found.status_code, headers=found.headers)
        found.close()
        return response
