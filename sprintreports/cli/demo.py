"""The demo company: its stand-in Jira as a child of `up`, connected and synced as any other site."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sprintreports import settings as settings_module
from sprintreports.cli import progress
from sprintreports.cli.supervisor import Child, PortBusy, check_port
from sprintreports.demo import catalog
from sprintreports.demo import run as stand_in
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import boards, mapping_setup, sites, sync
from sprintreports.jira.client import Auth
from sprintreports.jira.reads import sites as connected_sites
from sprintreports.kit import clock, db, embedded
from sprintreports.kit.errors import Invalid
from sprintreports.settings import settings

SITE_NAME = "Demo company"
_PORT = 8089


@dataclass(frozen=True, slots=True)
class DemoState:
    """What makes the demo the same company at the same address at the next start."""

    port: int
    now: int


def serve(*, port: int, dialect: str, seed: int, scale: float, replay: Path | None) -> None:
    """Serve the stand-in Jira until told to stop."""
    if dialect not in set(catalog.Dialect):
        raise Invalid(f"There is no dialect {dialect}. Choose cloud or datacenter.")
    if replay is not None and not replay.is_dir():
        raise Invalid(f"{replay} is not a folder. Name one that holds recorded raw tables.")
    sys.exit(
        stand_in.serve(port=port, dialect=catalog.Dialect(dialect), seed=seed, scale=scale, replay=replay)
    )


def child(*, log_folder: Path) -> tuple[Child, str]:
    """The stand-in Jira's process and its address, which this process and its children may ask from now on."""
    state = _state()
    _allow(state.port)
    command = [
        sys.executable, "-m", "sprintreports.demo", "--port", str(state.port), "--now", str(state.now),
    ]  # fmt: skip
    made = Child("demo Jira", command, settings_module.environment(), log_folder / "demo-jira.log")
    return made, f"http://127.0.0.1:{state.port}"


def allow_known() -> None:
    """Let this process ask the stand-in Jira of an `up --demo` that runs or ran on the same data."""
    state = _remembered()
    if state is not None:
        _allow(state.port)


def _allow(port: int) -> None:
    """Of this machine, the stand-in's own port and nothing else."""
    allowed = filter(None, (settings().outgoing_allowed, f"127.0.0.1:{port}"))
    settings_module.set_variable("outgoing_allowed", ",".join(allowed))


def _remembered() -> DemoState | None:
    try:
        return DemoState(**json.loads((settings().data_dir / "demo.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _state() -> DemoState:
    path = settings().data_dir / "demo.json"
    state = _remembered() or DemoState(port=_PORT, now=stand_in.this_hour())
    try:
        check_port("127.0.0.1", state.port)
    except PortBusy:
        state = DemoState(port=embedded.free_port(), now=state.now)
    path.write_text(json.dumps(asdict(state)) + "\n")
    return state


async def connect_and_sync(base_url: str, *, watch: Callable[[], None]) -> int:
    """Connect the demo company once, and wait with a progress bar until its first sync is done. The site's number.

    Once it has been synced, the worker keeps it fresh like any other site.
    """
    viewer = Viewer.system()
    async with db.transaction() as session:
        known = [site for site in await connected_sites.listing(session, viewer) if site.name == SITE_NAME]
    if known and known[0].last_synced_at is not None and known[0].base_url == base_url:
        return known[0].id
    await progress.until_answers(f"{base_url}/rest/api/2/serverInfo", watch=watch)
    site_id = await _connected(base_url)
    async with db.transaction() as session:
        run_id = await sync.request(session, Viewer.system(), site_id)
    await progress.follow(run_id, title="Syncing the demo company over HTTP", watch=watch)
    return site_id


async def _connected(base_url: str) -> int:
    viewer = Viewer.system()
    connection = sites.Connection(base_url, Auth.BASIC, catalog.DEMO_EMAIL, catalog.DEMO_TOKEN)
    async with db.transaction() as session:
        for site in await connected_sites.listing(session, viewer):
            if site.name == SITE_NAME:
                if site.base_url != base_url:
                    await sites.change(session, viewer, site.id, connection=connection, now=clock.now())
                return site.id
        site_id = await sites.create(session, viewer, connection, name=SITE_NAME)
        found = await boards.discover(session, viewer, site_id, now=clock.now())
        chosen = [board.board_id for board in found]
        await boards.choose(session, viewer, site_id, board_ids=chosen, now=clock.now())
        await mapping_setup.guess(session, viewer, site_id, now=clock.now())
        await mapping_setup.confirm(session, viewer, site_id, changes={}, now=clock.now())
        return site_id
