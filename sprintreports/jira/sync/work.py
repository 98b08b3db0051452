"""What all phases of a run work with: the Jira, the run, and pages that are one transaction each."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.client import JiraClient
from sprintreports.jira.errors import JiraForbidden, JiraNotFound, JiraRefused
from sprintreports.jira.sync import runs
from sprintreports.jira.sync.beside import Beside
from sprintreports.jira.sync.cursor import Phase
from sprintreports.jira.uncollected import uncollected
from sprintreports.kit import db
from sprintreports.observability import logs

UnitOfWork = Callable[[], AbstractAsyncContextManager[AsyncSession]]
Clock = Callable[[], datetime]
Listener = Callable[[runs.Progress], None]

# Failures that concern one board; all others concern the site and end the run.
BOARD_LEVEL = (JiraForbidden, JiraNotFound, JiraRefused)
BOARDS_A_PAGE = 10

log = logs.get("jira.sync")


@dataclass(frozen=True, slots=True)
class ChosenBoard:
    """A chosen board, and why it cannot be read if it cannot."""

    jira_board_id: int
    name: str
    type: str
    filter_id: str | None
    problem: str | None


@dataclass(slots=True)
class Work:
    """A run at work."""

    unit: UnitOfWork
    run: runs.Run
    connected: JiraClient | None
    now: Clock
    owner_zone: str = "UTC"
    fields: tuple[str, ...] = ()
    listener: Listener | None = None
    problems: dict[int, str] = field(default_factory=dict[int, str])
    beside: Beside = field(default_factory=Beside)

    @property
    def client(self) -> JiraClient:
        """The Jira. A replay has none."""
        if self.connected is None:
            raise RuntimeError("a replay does not ask Jira")
        return self.connected

    @asynccontextmanager
    async def page(self) -> AsyncGenerator[AsyncSession]:
        """One transaction: rows, cursor and progress together. Raises SyncCancelled before anything is written."""
        # What a page makes is gone at its end; the cycle collector would walk all of it in between.
        with uncollected():
            async with self.unit() as session:
                await runs.check_wanted(session, self.run.run_id)
                yield session
                await runs.save(session, self.run, now=self.now())
        self.tell()

    async def enter(self, phase: Phase) -> None:
        """Begin a phase, for everybody to see."""
        self.run.cursor.phase = phase
        async with self.page():
            log.info("sync_phase", run_id=self.run.run_id, site_id=self.run.site_id, phase=phase.value)

    def tell(self) -> None:
        """Pass the progress on to whoever listens."""
        if self.listener is not None:
            cursor = self.run.cursor
            self.listener(runs.Progress(cursor.phase.label, cursor.done, cursor.total))

    async def chosen_boards(self) -> list[ChosenBoard]:
        """The boards to read, as stored."""
        async with self.unit() as session:
            connection = await db.raw(session)
            cursor = await connection.execute(
                "SELECT jira_board_id, name, type, filter_id, problem FROM board "
                "WHERE site_id = %s AND selected AND deleted_at IS NULL ORDER BY jira_board_id",
                (self.run.site_id,),
            )
            return [ChosenBoard(*row) for row in await cursor.fetchall()]

    async def set_aside(self, board: ChosenBoard, reason: str) -> None:
        """Note on the board why it could not be read; the others go on, and its last good data stays."""
        sentence = f"The board “{board.name}” could not be read: {reason}"
        log.warning(
            "sync_board_failed",
            run_id=self.run.run_id,
            site_id=self.run.site_id,
            board=board.jira_board_id,
            error=reason,
        )
        self.problems[board.jira_board_id] = sentence
        async with self.page() as session:
            connection = await db.raw(session)
            await connection.execute(
                "UPDATE board SET problem = %s, updated_at = now() WHERE site_id = %s AND jira_board_id = %s",
                (reason, self.run.site_id, board.jira_board_id),
            )
            await runs.note(session, self.run, sentence, board_id=board.jira_board_id)
