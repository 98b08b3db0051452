"""The API's documentation as one page that needs no network: our own rendering of the OpenAPI document."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from sprintreports.api import reference
from sprintreports.api.door import open_to_all

router = APIRouter(prefix="/api/v1", tags=["docs"])


@router.get(
    "/docs",
    include_in_schema=False,
    response_class=HTMLResponse,
    dependencies=[open_to_all("the document tells what the API can do, not what is in it")],
)
async def docs(request: Request) -> HTMLResponse:
    """Every operation, its parameters and its answers."""
    page = reference.render(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": reference.POLICY})
