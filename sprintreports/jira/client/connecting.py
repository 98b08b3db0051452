"""From an address that somebody typed to a client of the right dialect."""

import re
from urllib.parse import urlsplit

import httpx

from sprintreports.jira.client.cloud import CloudClient
from sprintreports.jira.client.credentials import Credentials
from sprintreports.jira.client.datacenter import DataCenterClient
from sprintreports.jira.client.protocol import JiraClient
from sprintreports.jira.client.transport import ATTEMPTS, Transport
from sprintreports.jira.errors import JiraAnswerInvalid, JiraNotFound, NotAJira
from sprintreports.jira.payloads import ServerInfo
from sprintreports.kit import http
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.settings import settings

SERVER_INFO = "/rest/api/2/serverInfo"  # the one path that both dialects answer
_CLOUD_MAJOR = 1000  # Cloud calls itself 1001.0.0; no Data Center is near
# What people copy along from the browser. Cloud's pages are below /jira; a Data Center may live below /jira itself.
_PAGE = re.compile(r"/(browse|secure|projects|issues|rest|login|login\.jsp|plugins|servicedesk)(/.*)?$")
_CLOUD_PAGE = re.compile(r"/(jira|wiki)(/.*)?$")


def normalise_url(text: str) -> str:
    """The base address out of what was typed or copied. Raises Invalid."""
    text = text.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or " " in parts.netloc:
        problem = FieldProblem(
            "base_url", "Enter the address of your Jira, such as https://company.atlassian.net."
        )
        raise Invalid("This is not a web address.", details=(problem,))
    if parts.username or parts.password:
        problem = FieldProblem("base_url", "Leave name and password out of the address; enter them below it.")
        raise Invalid("The address holds credentials.", details=(problem,))
    path = _PAGE.sub("", parts.path)
    if parts.hostname.endswith((".atlassian.net", ".jira.com")):
        path = _CLOUD_PAGE.sub("", path)
    host = parts.hostname if ":" not in parts.hostname else f"[{parts.hostname}]"
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{path.rstrip('/')}"


async def connect(
    base_url: str,
    credentials: Credentials,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    attempts: int = ATTEMPTS,
) -> JiraClient:
    """A client for the Jira at `base_url`, its dialect found out from serverInfo. Close it with `aclose`.

    `transport` is the seam for tests; `attempts`: how often each request is tried. Raises a JiraError, above all NotAJira and JiraUnreachable.
    """
    wire = Transport(
        http.client(
            timeout=settings().jira_timeout_seconds,
            connections=settings().jira_concurrency,
            transport=transport,
        ),
        base_url=base_url,
        credentials=credentials,
        concurrency=settings().jira_concurrency,
        attempts=attempts,
    )
    try:
        return client_for(wire, await _server_info(wire))
    except BaseException:
        await wire.aclose()
        raise


def client_for(wire: Transport, server: ServerInfo) -> JiraClient:
    """The client that speaks this server's dialect."""
    if is_cloud(server):
        return CloudClient(wire, server)
    return DataCenterClient(wire, server)


def is_cloud(server: ServerInfo) -> bool:
    """By deployment type, or by version where an old server does not name it."""
    if server.deployment_type:
        return server.deployment_type.casefold() == "cloud"
    return bool(server.version_numbers) and server.version_numbers[0] >= _CLOUD_MAJOR


async def _server_info(wire: Transport) -> ServerInfo:
    try:
        server = await wire.get(SERVER_INFO, ServerInfo)
    except (JiraAnswerInvalid, JiraNotFound) as error:
        raise NotAJira(
            f"{wire.base_url} answers, but not as a Jira does. Check the address: it is what the browser shows "
            "before /browse or /projects, with the context path (such as /jira) if there is one."
        ) from error
    if not server.version and not server.deployment_type:
        raise NotAJira(f"{wire.base_url} answers, but does not say which Jira it is. Check the address.")
    return server
