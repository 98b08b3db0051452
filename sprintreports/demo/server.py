"""The stand-in Jira as one ASGI application."""

from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from sprintreports.demo.agile import Shared
from sprintreports.demo.answers import Refusal, json
from sprintreports.demo.auth import Gate
from sprintreports.demo.browse import Browse
from sprintreports.demo.catalog import DEMO_TOKEN, Dialect
from sprintreports.demo.cloud import Cloud
from sprintreports.demo.company import Company
from sprintreports.demo.company_site import CompanySite
from sprintreports.demo.control import Control, order_of
from sprintreports.demo.datacenter import DataCenter
from sprintreports.demo.desk import Desk
from sprintreports.demo.dynamic_webhooks import DynamicWebhooks
from sprintreports.demo.faults import Faults, Trouble
from sprintreports.demo.gateway import Gateway
from sprintreports.demo.oauth import Atlassian
from sprintreports.demo.postman import Postman
from sprintreports.demo.site import Site
from sprintreports.demo.wires import FaultyWires

# The board that the restricted token may not see.
HIDDEN_BOARD = 3


def create_app(
    company: Company,
    *,
    dialect: Dialect = Dialect.CLOUD,
    base_url: str = "http://127.0.0.1",
    token: str = DEMO_TOKEN,
    faults: Faults | None = None,
) -> ASGIApp:
    """Serve the company in one dialect at the root."""
    site = CompanySite(company, dialect, base_url)
    postman = Postman(seed=company.seed)
    trouble = Trouble(faults)
    routes = Control(site, postman, trouble.tell).routes()
    atlassian = Atlassian(base_url)
    if dialect is Dialect.CLOUD:
        routes += DynamicWebhooks(postman).routes() + atlassian.routes()
    app = assemble({"": site}, token=token, trouble=trouble, hidden_board=HIDDEN_BOARD, more=routes)
    return Gateway(app, atlassian) if dialect is Dialect.CLOUD else app


def assemble(
    sites: Mapping[str, Site],
    *,
    token: str = DEMO_TOKEN,
    faults: Faults | None = None,
    trouble: Trouble | None = None,
    hidden_board: int | None = None,
    more: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """Serve one or more sites, each below its path prefix ("" is the root)."""
    trouble = trouble or Trouble(faults)

    async def set_faults(request: Request) -> Response:
        trouble.set(await order_of(request, Faults))
        return json({"active": trouble.faults.active})

    routes: list[BaseRoute] = [Route("/__standin__/faults", set_faults, methods=["POST"]), *more]
    for prefix, site in sites.items():
        desk = Desk(site, Gate(site.dialect, token=token), hidden_board=hidden_board, trouble=trouble)
        own = Cloud(desk).routes() if site.dialect is Dialect.CLOUD else DataCenter(desk).routes()
        below = [*Shared(desk).routes(), *own, *Browse(site).routes()]
        routes.extend([Mount(prefix, routes=below)] if prefix else below)
    app = Starlette(routes=routes, exception_handlers={Refusal: _refused, 404: _not_found})
    return FaultyWires(app, trouble)


async def _refused(_: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal):
        raise refusal
    return json(refusal.body, status=refusal.status)


async def _not_found(_: Request, __: Exception) -> Response:
    return json({"errorMessages": ["The requested resource was not found."], "errors": {}}, status=404)
