"""Test a connection step by step, and say at the first step that fails what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sprintreports.jira.client import Credentials, Dialect, JiraClient, connect
from sprintreports.jira.errors import JiraError
from sprintreports.jira.payloads import BoardPayload, PersonPayload
from sprintreports.observability import logs

BOARDS_TRIED = 3

log = logs.get("jira.diagnosis")


@dataclass(frozen=True, slots=True)
class Check:
    """One step: what was looked at, whether it is fine, and a sentence."""

    name: str
    ok: bool
    message: str


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


async def probe(base_url: str, credentials: Credentials) -> Diagnosis:
    """Diagnose an address and credentials that are not stored yet. `base_url` is normalised."""
    try:
        client = await connect(base_url, credentials)
    except JiraError as error:
        log.warning("site_test_failed", base_url=base_url, step="address", error=error.message)
        return Diagnosis(ok=False, summary=error.message, checks=(Check("address", False, error.message),))
    try:
        return await diagnose(client)
    finally:
        await client.aclose()


async def diagnose(client: JiraClient) -> Diagnosis:
    """Address, sign-in, boards, a board's configuration, a search: as far as it gets."""
    kind = "Cloud" if client.dialect is Dialect.CLOUD else "Data Center"
    title = f" (“{client.server.server_title}”)" if client.server.server_title else ""
    checks = [Check("address", True, f"{client.base_url} is a Jira {kind} {client.server.version}{title}.")]
    person: PersonPayload | None = None
    boards: list[BoardPayload] | None = None
    try:
        person = await client.myself()
        checks.append(_sign_in(person))
        boards = await client.boards()
        checks.append(_boards(boards, person))
        if boards:
            checks.extend(await _board(client, boards))
    except JiraError as error:
        step = "boards" if person else "sign_in"
        log.warning("site_test_failed", base_url=client.base_url, step=step, error=error.message)
        checks.append(Check(step, False, error.message))
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
    return " ".join(check.message for check in checks if check.name in ("sign_in", "boards"))


def _sign_in(person: PersonPayload) -> Check:
    name = person.display_name or person.account_key or "an account without a name"
    zone = f", whose time zone is {person.time_zone}" if person.time_zone else ""
    return Check("sign_in", True, f"Signed in as {name}{zone}.")


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
        message = f"The board “{board.name}” can be read; its filter finds about {found} issues."
        if not found:
            message = (
                f"The board “{board.name}” can be read, but its filter finds no issue that this account may see. "
                "If it should, ask a Jira admin for “Browse projects”."
            )
        return [Check("issues", True, message)]
    log.warning("site_test_failed", base_url=client.base_url, step="issues", error=problem)
    return [Check("issues", False, problem)]
