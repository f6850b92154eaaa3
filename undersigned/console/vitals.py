"""Vitals: what load balancers and monitoring systems ask."""

import hmac

from starlette.responses import JSONResponse, PlainTextResponse, Response

from undersigned.console.visit import Visit
from undersigned.errors import DatabaseAwayError
from undersigned.flows import outbox

#: Prometheus' text format, version 0.0.4.
FORMAT = "text/plain; version=0.0.4; charset=utf-8"


def alive(visit: Visit) -> Response:  # noqa: ARG001 - a page takes a visit
    """Say that this process answers."""
    return JSONResponse({"alive": True})


def ready(visit: Visit) -> Response:
    """Say whether the database answers too."""
    try:
        outbox.reach(visit.service)
    except DatabaseAwayError as exc:
        return JSONResponse({"ready": False, "why": str(exc)}, 503)
    return JSONResponse({"ready": True})


def metrics(visit: Visit) -> Response:
    """Give the counts to whoever shows the token of the settings."""
    wanted = visit.service.settings.console.metrics_token
    if not wanted or not hmac.compare_digest(visit.bearer.encode(), wanted.encode()):
        return PlainTextResponse("This needs the bearer token of the settings.\n", 403)
    found = outbox.gauges(visit.service)
    lines = [
        "# HELP undersigned_deliveries Deliveries by campaign, purpose and state.",
        "# TYPE undersigned_deliveries gauge",
        *(
            f'undersigned_deliveries{{campaign="{_escaped(campaign)}",purpose="{purpose}",'
            f'state="{state}"}} {count}'
            for campaign, purpose, state, count in found.deliveries
        ),
        "# HELP undersigned_oldest_due_seconds How long the oldest due delivery has waited.",
        "# TYPE undersigned_oldest_due_seconds gauge",
        f"undersigned_oldest_due_seconds {found.oldest_due_seconds:.0f}",
    ]
    return Response("\n".join(lines) + "\n", media_type=FORMAT)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
