"""A whole deployment for the browser: database, stand-in Jira, worker and web process on ports of their own."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import text

from sprintreports import settings as settings_module
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity import first_run, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import disciplines
from sprintreports.kit import clock, db
from sprintreports.kit.embedded import free_port
from sprintreports.metrics.values import Unit
from sprintreports.planning import discovering, members, people
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue_inputs import reading
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import store
from sprintreports.ui import build, serve
from tests import programs

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PASSWORD = "seven quiet lanterns drift"
ADMIN, READER = "ada@example.org", "rita@example.org"
SPARE_VALUE = "UX Design"  # of Jira's team field: a team is made of it in test_capacity.py
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
# The shapes that each page is looked at in.
MODES = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


def installed_browser() -> str | None:
    """The program of an installed Chromium or Chrome."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@dataclass(slots=True)
class Product:
    """A running deployment. `setup_code`: for its first admin."""

    url: str
    demo: RunningDemo
    setup_code: str
    web: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """What the web process has logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass(slots=True)
class Visitor:
    """A page of a browser that remembers what its console complained about."""

    page: Page
    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, login: str = ADMIN, password: str = PASSWORD, *, target: str = "") -> Page:
        self.open("/sign-in" + (f"?next={target}" if target else ""))
        self.page.fill("#login", login)
        self.page.fill("#password", password)
        self.page.click("button[type=submit]")
        return self.page

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.1 A and AA, with the first piece of HTML that is to blame."""
        found = Axe().run(self.page, options=WCAG).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


@contextmanager
def running_product(url: str, folder: Path) -> Iterator[Product]:
    """Everything on the migrated database at `url`, stopped at the end."""
    built = build.ensure_built(ROOT, into=ROOT / ".sprintreports" / "web")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    changes = {
        "SPRINTREPORTS_DATABASE_URL": url,
        "SPRINTREPORTS_PUBLIC_URL": address,
        "SPRINTREPORTS_DATA_DIR": str(folder),
        "SPRINTREPORTS_LOG_LEVEL": "INFO",
    }
    with ExitStack() as stack:
        demo = stack.enter_context(running_demo(scale=0.2))
        log = folder / "web.log"
        command = serve.command(host="127.0.0.1", port=port)
        web = stack.enter_context(
            programs.running(command, log=log, environment=serve.variables(built, **changes))
        )
        worker = [sys.executable, "-m", "sprintreports", "worker"]
        stack.enter_context(
            programs.running(
                worker, log=folder / "worker.log", environment=settings_module.environment(**changes)
            )
        )
        programs.wait_for(f"{address}/sign-in", web, log)
        yield Product(address, demo, apart(_setup_code), web, log)


def apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a thread of its own: Playwright keeps a running loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


async def _setup_code() -> str:
    try:
        async with db.transaction() as session:
            return await first_run.issue_code(session, now=clock.now())
    finally:
        await db.dispose()


async def add_reader() -> None:
    """A user with the least role: for what navigation and guard keep from them."""
    try:
        async with db.transaction() as session:
            await users.create(
                session,
                Viewer.system(),
                email=READER,
                password=PASSWORD,
                role=Role.VIEWER,
                name="Rita Reader",
            )
    finally:
        await db.dispose()


async def add_teams() -> None:
    """A team for each of Jira's values but one, with up to five people whose issues they are, each in one team alone."""
    system, taken = Viewer.system(), set[int]()
    try:
        async with db.transaction() as session:
            values = await disciplines.listing(session, system)
            made = await discovering.make_teams(
                session, system, [row.id for row in values if row.name != SPARE_VALUE]
            )
            for team in made:
                found = await people.suggested(session, system, team.id)
                joining = [one.person_id for one in found if one.person_id not in taken][:5]
                taken |= set(joining)
                await members.add(session, system, team.id, joining, version=None)
    finally:
        await db.dispose()


_TO_PLAN = """
SELECT s.id FROM sprint s JOIN board b ON b.site_id = s.site_id AND b.jira_board_id = s.origin_board_id
WHERE b.name = 'Payments' AND s.state = 'future' ORDER BY s.start_date LIMIT 1
"""


async def add_queue() -> int:
    """A draft of a coming sprint with some of the backlog, counted in issues: Backend has nine, and room for five. Its id."""
    system = Viewer.system()
    sources = Sources(backlog=10)
    try:
        async with db.transaction() as session:
            sprint = (await session.execute(text(_TO_PLAN))).scalar_one()
            read = await reading.read(
                session, system, sprint_id=sprint, sources=sources, unit=None, now=clock.now()
            )
            free = [
                one.issue for one in read.inputs.candidates if one.team and not one.blockers and not one.done
            ]
            teams = {limit.team: limit.name for limit in read.inputs.limits}
            backend = next(team for team, name in teams.items() if name == "Backend")
            options = Options(
                unit=Unit.COUNT, teams=dict.fromkeys(free[:9], backend), extra=dict.fromkeys(teams, 5)
            )
            made = await store.create(
                session, system, sprint_id=sprint, name="Plan of the teams", options=options, sources=sources,
                now=clock.now(),
            )  # fmt: skip
            return made.id
    finally:
        await db.dispose()


@contextmanager
def visitor(browser: Browser, url: str, **options: object) -> Iterator[Visitor]:
    """A fresh browser profile."""
    context = browser.new_context(timezone_id="Europe/Berlin", **options)  # type: ignore[arg-type]
    page = context.new_page()
    guest = Visitor(page, context, url)
    page.on(
        "console",
        lambda said: guest.complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: guest.complaints.append(str(error)))
    try:
        yield guest
    finally:
        context.close()
