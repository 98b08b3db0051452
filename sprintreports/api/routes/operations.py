"""Health and metrics: for load balancers and monitoring, outside /api/v1."""

import secrets
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from sprintreports.api import failures, health
from sprintreports.api.door import open_to_all
from sprintreports.api.health import Condition, Finding
from sprintreports.kit import clock
from sprintreports.kit.errors import Forbidden
from sprintreports.observability import counters
from sprintreports.settings import settings

router = APIRouter(tags=["operations"])


class FindingOut(BaseModel):
    name: str
    status: Condition
    message: str
    milliseconds: float | None
    age_seconds: int | None


class HealthAnswer(BaseModel):
    status: Condition
    dependencies: list[FindingOut]


class MetricsNotForYou(Forbidden):
    """Metrics are for this host alone, or for whoever holds SPRINTREPORTS_METRICS_TOKEN."""


_OPEN = [
    open_to_all("load balancers and monitors have no account; the answer names nothing secret", counted=False)
]
_BROKEN: dict[int | str, dict[str, Any]] = {
    503: {"model": HealthAnswer, "description": "A dependency failed"}
}


@router.get("/health", dependencies=_OPEN, response_model=HealthAnswer, responses=_BROKEN)
async def whole(_request: Request) -> JSONResponse:
    """Each dependency; 503 when one of them failed."""
    return _shown(await health.all_findings(clock.now()))


@router.get("/health/live", dependencies=_OPEN, response_model=HealthAnswer)
async def live(_request: Request) -> JSONResponse:
    """Whether this process answers at all. A 503 here would ask for a restart, which mends no database."""
    return _shown([])


@router.get("/health/ready", dependencies=_OPEN, response_model=HealthAnswer, responses=_BROKEN)
async def ready(_request: Request) -> JSONResponse:
    """Whether requests may be sent here: the database answers and its tables are up to date."""
    return _shown(await health.readiness())


@router.get(
    "/metrics",
    dependencies=[
        open_to_all("a monitor's bearer token or its loopback address is checked by the route", counted=False)
    ],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """Counters in Prometheus's text format."""
    if not _may_read_metrics(request):
        return failures.of_error(MetricsNotForYou())
    return Response(generate_latest(counters.REGISTRY), media_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: Request) -> bool:
    expected = settings().metrics_token.get_secret_value()
    if expected:
        given = request.headers.get("authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {expected}".encode())
    # A proxy on this host makes strangers look local: then a token must be set.
    forwarded = "forwarded" in request.headers or "x-forwarded-for" in request.headers
    return not forwarded and _is_loopback(request.client.host if request.client else "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(findings: list[Finding]) -> JSONResponse:
    status = health.overall(findings)
    body = HealthAnswer(
        status=status,
        dependencies=[
            FindingOut(
                name=finding.name,
                status=finding.condition,
                message=finding.message,
                milliseconds=finding.milliseconds,
                age_seconds=finding.age_seconds,
            )
            for finding in findings
        ],
    )
    return JSONResponse(body.model_dump(mode="json"), status_code=503 if status is Condition.FAILED else 200)
