"""Endpoints for whoever runs the program: is it up, is it ready."""

from django.db import connection
from django.http import HttpRequest, JsonResponse

from coterie.kit.health import Health, register, run_checks


def healthz(_request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; touches nothing else."""
    return JsonResponse({"status": "up"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when every registered check passes, else 503, with each check's finding."""
    findings = run_checks()
    ready = all(found.ready for found in findings.values())
    body = {
        "status": "ready" if ready else "not ready",
        "checks": {name: {"ready": found.ready, "note": found.note} for name, found in findings.items()},
    }
    return JsonResponse(body, status=200 if ready else 503)


def _database() -> Health:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Health(ready=True)


register("database", _database)
