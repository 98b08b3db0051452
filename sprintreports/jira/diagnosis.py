"""Test a connection step by step, and say at the first step that fails what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sprintreports.jira.client import Auth, Credentials, Dialect, IssueRef, JiraClient, connect
from sprintreports.jira.errors import (
    JiraError,
    JiraForbidden,
    JiraNotFound,
    JiraSignInFailed,
    NotAJira,
)
from sprintreports.jira.payloads import BoardPayload, PersonPayload
from sprintreports.observability import logs

BOARDS_TRIED = 3
ATTEMPTS = 2  # somebody waits for the answer
CONTEXT_PATHS = ("/jira", "/JIRA")
SKEW_NOTICED = timedelta(minutes=1)

log = logs.get("jira.diagnosis")


@dataclass(frozen=True, slots=True)
class Check:
    """One step: what was looked at, whether it is fine, and a sentence. `warning`: it works, but not as it should."""

    name: str
    ok: bool
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a connection is able to do. `summary` is the sentence to show first."""

    ok: bool
    summary: str
    checks: tuple[Check, ...]
    dialect: Dialect | None = None
    version: str = ""
    account: str = ""
    time_zone: str | None = None
    boards: int | None = None


async def probe(base_url: str, credentials: Credentials, *, known_zone: str | None = None) -> Diagnosis:
    """Diagnose an address and credentials. `base_url` is normalised; `known_zone`: the account's when it was connected."""
    try:
        client = await connect(base_url, credentials, attempts=ATTEMPTS)
    except NotAJira as error:
        log.warning("site_test_failed", base_url=base_url, step="address", error=error.message)
        return refused(NotAJira(error.message + await _where_else(base_url, credentials)))
    except JiraError as error:
        log.warning("site_test_failed", base_url=base_url, step="address", error=error.message)
        return refused(error)
    try:
        return await diagnose(client, auth=credentials.auth, known_zone=known_zone)
    finally:
        await client.aclose()


def refused(error: JiraError) -> Diagnosis:
    """Of a connection that did not come about at all."""
    return Diagnosis(ok=False, summary=error.message, checks=(Check("address", False, error.message),))


async def diagnose(
    client: JiraClient, *, auth: Auth | None = None, known_zone: str | None = None
) -> Diagnosis:
    """Address, clock, sign-in, boards, a board's configuration, a search, a history: as far as it gets."""
    kind = "Cloud" if client.dialect is Dialect.CLOUD else "Data Center"
    title = f" (“{client.server.server_title}”)" if client.server.server_title else ""
    checks = [Check("address", True, f"{client.base_url} is a Jira {kind} {client.server.version}{title}.")]
    checks.extend(_clock(client.seconds_ahead))
    person: PersonPayload | None = None
    boards: list[BoardPayload] | None = None
    try:
        person = await client.myself()
        checks.append(_sign_in(person, known_zone))
        boards = await client.boards()
        checks.append(_boards(boards, person))
        if boards:
            checks.extend(await _board(client, boards))
    except JiraError as error:
        step = "boards" if person else "sign_in"
        log.warning("site_test_failed", base_url=client.base_url, step=step, error=error.message)
        message = _no_boards(error) if person else error.message + _other_way_in(error, client.dialect, auth)
        checks.append(Check(step, False, message))
    failed = next((check for check in checks if not check.ok), None)
    return Diagnosis(
        ok=failed is None,
        summary=failed.message if failed else _all_well(checks),
        checks=tuple(checks),
        dialect=client.dialect,
        version=client.server.version,
        account=person.display_name if person else "",
        time_zone=person.time_zone if person else None,
        boards=None if boards is None else len(boards),
    )


def _all_well(checks: Sequence[Check]) -> str:
    told = [check.message for check in checks if check.name in ("sign_in", "boards")]
    return " ".join([*told, *[check.message for check in checks if check.warning and check.name == "clock"]])


async def _where_else(base_url: str, credentials: Credentials) -> str:
    """A hint where the Jira may be: below a context path of the same server."""
    if urlsplit(base_url).path.strip("/"):
        return ""
    for path in CONTEXT_PATHS:
        try:
            client = await connect(base_url + path, credentials, attempts=1)
        except JiraSignInFailed:
            return f" A Jira does answer at {base_url}{path}: enter that address."
        except JiraError:
            continue
        await client.aclose()
        return f" A Jira does answer at {base_url}{path}: enter that address."
    return ""


def _other_way_in(error: JiraError, dialect: Dialect, auth: Auth | None) -> str:
    """What fits this kind of Jira, where something else was entered."""
    if not isinstance(error, JiraSignInFailed | JiraForbidden):
        return ""
    if dialect is Dialect.CLOUD and auth is Auth.BEARER:
        return (
            " This is a Jira Cloud, which takes no personal access token: choose “e-mail address and API token” and "
            "create the token at id.atlassian.com."
        )
    if dialect is Dialect.DATA_CENTER and auth is Auth.BASIC:
        return (
            " This is a Jira Data Center, which takes no API token of Atlassian’s cloud: choose “personal access token” "
            "and create one in your profile there, or enter the user name (not the e-mail address) and its password."
        )
    return ""


def _clock(seconds_ahead: float | None) -> list[Check]:
    """Nothing where the clocks agree: what changed since the last sync is asked for by our clock."""
    if seconds_ahead is None or abs(seconds_ahead) < SKEW_NOTICED.total_seconds():
        return []
    minutes = round(abs(seconds_ahead) / 60)
    plural = "minute" if minutes == 1 else "minutes"
    side = "ahead of" if seconds_ahead > 0 else "behind"
    message = (
        f"The clock of this Jira is {minutes} {plural} {side} ours. Let both set their clocks by NTP: times of changes and "
        "of webhooks are compared."
    )
    return [Check("clock", True, message, warning=True)]


def _no_boards(error: JiraError) -> str:
    """Why boards cannot be listed by an account that is let in."""
    if isinstance(error, JiraNotFound):
        return (
            "The token is valid, but this Jira has no boards: Jira Software is not installed there, or its licence has "
            "ended. Sprint Reports reads sprints from its boards."
        )
    if isinstance(error, JiraForbidden):
        return (
            "The token is valid, but the account may not use Jira Software. Ask a Jira admin for access to that "
            f"application. {error.message}"
        )
    return error.message


def _sign_in(person: PersonPayload, known_zone: str | None) -> Check:
    name = person.display_name or person.account_key or "an account without a name"
    zone = f", whose time zone is {person.time_zone}" if person.time_zone else ""
    message = f"Signed in as {name}{zone}."
    if known_zone and person.time_zone and person.time_zone != known_zone:
        message += f" It was {known_zone} before; the next sync takes the new one into account."
        return Check("sign_in", True, message, warning=True)
    return Check("sign_in", True, message)


def _boards(boards: Sequence[BoardPayload], person: PersonPayload) -> Check:
    if not boards:
        name = person.display_name or "this account"
        return Check(
            "boards",
            False,
            "The token is valid, but it sees no board. Ask a Jira admin to give "
            f"{name} “Browse projects” in the projects of your boards, or use another account.",
        )
    scrum = sum(board.type != "kanban" for board in boards)
    plural = "board" if len(boards) == 1 else "boards"
    if not scrum:
        return Check("boards", True, f"It sees {len(boards)} {plural}, all kanban: those have no sprints.")
    return Check("boards", True, f"It sees {len(boards)} {plural}, {scrum} of them with sprints.")


async def _board(client: JiraClient, boards: Sequence[BoardPayload]) -> list[Check]:
    """The first board that can be read whole is proof enough; if none of a few can, say why the last cannot."""
    problem = ""
    for board in boards[:BOARDS_TRIED]:
        try:
            configuration = await client.board_configuration(board.id)
            filter_id = configuration.filter.id if configuration.filter else None
            found = await client.approximate_count(f"filter = {filter_id}") if filter_id else 0
        except JiraError as error:
            problem = f"The board “{board.name}” is listed, but cannot be read: {error.message}"
            continue
        if not found or filter_id is None:
            message = (
                f"The board “{board.name}” can be read, but its filter finds no issue that this account may see. "
                "If it should, ask a Jira admin for “Browse projects”."
            )
            return [Check("issues", True, message, warning=True)]
        message = f"The board “{board.name}” can be read; its filter finds about {found} issues."
        return [Check("issues", True, message), await _history(client, str(filter_id))]
    log.warning("site_test_failed", base_url=client.base_url, step="issues", error=problem)
    return [Check("issues", False, problem)]


async def _history(client: JiraClient, filter_id: str) -> Check:
    """Whether an issue comes with its history: burndowns and commitments are computed from it."""
    try:
        ref = await _first(client, f"filter = {filter_id}")
        found = await client.issues([ref], fields=("summary",)) if ref else []
    except JiraError as error:
        log.warning("site_test_failed", base_url=client.base_url, step="history", error=error.message)
        message = (
            "Issues are found, but their history cannot be read, and without it nobody knows what a sprint began with: "
            f"{error.message}"
        )
        return Check("history", False, message)
    if not found:
        message = "The first issue that the filter finds cannot be opened. Its search index may be behind: try again later."
        return Check("history", True, message, warning=True)
    return Check("history", True, "An issue was read with its history.")


async def _first(client: JiraClient, jql: str) -> IssueRef | None:
    pages = client.search(jql)
    try:
        async for page in pages:
            return page[0]
    finally:
        await pages.aclose()
    return None
