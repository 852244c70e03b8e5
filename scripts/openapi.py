"""Write the API's OpenAPI document to standard output: `python scripts/openapi.py > openapi.json`."""

import json
import os
import sys
import tempfile

import django


def document() -> dict[str, object]:
    """The document as the server gives it out; no database is opened and no folder of an installation is touched."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coterie.settings")
    with tempfile.TemporaryDirectory() as folder:
        # Settings make a folder for their secret on import; this one goes again.
        os.environ["COTERIE_DATA"] = folder
        django.setup()
        from coterie.web.api import api

        return dict(api.get_openapi_schema(path_prefix="/api/v1/"))


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1, ensure_ascii=False)
