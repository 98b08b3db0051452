"""The planner of the queue that the address names: what it shows, and what is done to it."""

from functools import partial
from typing import Any

import reflex as rx

from sprintreports.identity import names as accounts
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Forbidden, Invalid, SprintReportsError
from sprintreports.planning.queue.replan import Replanned
from sprintreports.planning.queues import drafts, store, versions
from sprintreports.planning.queues.drafts import Applied, Draft
from sprintreports.planning.queues.encoding import change_json
from sprintreports.planning.queues.states import QueueState
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.words import clash_in_words
from sprintreports.ui import telling
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.live_queues import rooms
from sprintreports.ui.pages.planner import rows
from sprintreports.ui.pages.planner.bench import Again, Bench, benches, settled
from sprintreports.ui.pages.planner.rows import Known, Marks, Sight
from sprintreports.ui.pages.planner.sent import Sent, read_sent
from sprintreports.ui.session import Meanwhile, acts, loads, refreshes, visit
from sprintreports.ui.status import EMPTY, READY, PageState

PATH = "/planner"
FIRST_TEAMS, FIRST_CARDS, MOST_CARDS = 8, 60, 5_000
_MOST_TRIES = 3  # to plan again a draft that others edit meanwhile
_KEPT = 6  # patches and answers that the browser may still have to read
_STATES = {
    QueueState.DRAFT: "Draft",
    QueueState.ACTIVE: "Active: the plan of its sprint",
    QueueState.COMPLETED: "Completed",
    QueueState.ARCHIVED: "Archived",
}


class PlannerPage(PageState, rx.State):
    """`lists`: patches of the teams' figures and lists and of the conflicts that the browser may not have yet, each with its number and
    that of the one before it, none before what is whole; `answers`: what became of what was sent.
    """

    complaint: str = ""
    name: str = ""
    subtitle: str = ""
    queue: str = ""
    back: str = ""
    may: bool = False
    heard: str = ""
    head: int = 0
    final: bool = True
    versions: int = 0
    fresh: bool = True
    behind: str = ""
    notes: list[str] = []
    people: list[str] = []
    told: list[str] = []
    totals: dict[str, Any] = {}
    rules: dict[str, Any] = {}
    algorithms: list[dict[str, str]] = []
    weights: list[dict[str, Any]] = []
    moves: list[str] = []
    lists: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []

    _open: dict[str, int] = {}
    _known: dict[str, Known] = {}
    _figures: Marks | None = None
    _said: tuple[int, ...] | None = None
    _serial: int = 0

    @rx.event
    @loads(Permission.QUEUES_READ)
    async def load(self) -> None:
        await around(self)
        asked = self._parameters().get("queue")
        queue_id = identifier(asked)
        if queue_id is None:
            self._put(name="Planner", subtitle="", queue="", complaint="")
            self._settle(EMPTY)
            return
        if self.queue != str(queue_id):
            self._open = {}
        self._known, self._said, self.lists, self.answers, self.complaint = {}, None, [], [], ""
        bench, draft = await self._at(queue_id)
        await benches.look(visit().session, draft.info, bench, now=visit().now)
        await self._show(bench, draft)
        self._settle(READY)

    @rx.event
    @refreshes(Permission.QUEUES_READ)
    async def refresh(self) -> None:
        """The numbers changed: Jira may have moved on."""
        bench, draft = await self._at(self._queue())
        await benches.look(visit().session, draft.info, bench, now=visit().now)
        await self._show(bench, draft)

    @rx.event
    @refreshes(Permission.QUEUES_READ)
    async def catch_up(self, got: int = 0) -> None:
        """Somebody edited this queue, came or went, or the best plan is found. got: the last patch that the page has."""
        self._has(got)
        await self._show(*await self._at(self._queue()))

    @rx.event
    @refreshes(Permission.QUEUES_READ)
    async def want(self, wanted: str, got: int = 0) -> None:
        """Lists that came into sight, with how many cards of each: `12:60,7:120`."""
        self._has(got)
        for pair in wanted[:4000].split(","):
            team, _, most = pair.partition(":")
            number = identifier(most)
            if number and (team == rows.NO_TEAM or identifier(team)):
                self._open = {**self._open, team: min(number, MOST_CARDS)}
        await self._show(*await self._at(self._queue()))

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def send(self, message: str) -> None:
        """Edits, undo or redo, under the name that the browser gave this try."""
        here = visit()
        self.complaint = ""
        queue_id = self._queue()
        try:
            sent = read_sent(message, here.zone)
        except Invalid as error:
            self.complaint = telling.sentence(error)
            return
        self._has(sent.got)
        try:
            applied = await self._apply(queue_id, sent)
            draft = applied.draft
            bench = await benches.at(here.session, draft, now=here.now)
            answer = await self._answer(applied, bench, sent)
        except SprintReportsError as error:
            benches.forget(queue_id)
            answer = {"token": sent.token, "problem": telling.sentence(error), "clashes": []}
            self._tell(answer)
            raise
        self._tell(answer)
        await self._show(bench, draft)

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def plan_again(self) -> Any:
        """From what Jira says now, with the fewest changes."""
        self.complaint = ""
        return await self._plan_again(_MOST_TRIES)

    async def _plan_again(self, tries: int) -> Meanwhile:
        """The queue is held for a moment, to ask for the right, and let go of while it is planned: others go on editing."""
        here = visit()
        info = await store.hold(here.session, here.viewer, self._queue(), editing=True)
        draft = await drafts.read(here.session, here.viewer, info.id)
        again = await benches.to_plan_again(here.session, draft, now=here.now)
        return Meanwhile(again.made, partial(self._planned_again, again, tries))

    async def _planned_again(self, again: Again, tries: int, made: Replanned) -> Any:
        here = visit()
        info = await store.hold(here.session, here.viewer, again.draft.info.id, editing=True)
        draft = await drafts.read(here.session, here.viewer, info.id)
        bench = await benches.planned_again(here.session, draft, again, made, now=here.now)
        if bench is None:
            if tries <= 1:
                raise versions.EditedMeanwhile
            return await self._plan_again(tries - 1)
        await store.announce(here.session, info.id)
        await self._show(bench, draft)
        count = len(bench.moves)
        return telling.good(
            "Planned again: nothing moved."
            if not count
            else f"Planned again: {count} {'issue' if count == 1 else 'issues'} moved."
        )

    @rx.event
    @acts(Permission.QUEUES_WRITE)
    async def keep(self, form: dict[str, Any]) -> Any:
        """Keep what is shown as a version, once it is all there."""
        self.complaint = ""
        bench, _ = await self._at(self._queue())
        if bench.found is None:
            raise store.NotEditable
        return Meanwhile(partial(settled, bench), lambda _: self._keep(form))

    async def _keep(self, form: dict[str, Any]) -> Any:
        here = visit()
        bench, draft = await self._at(self._queue())
        if not bench.final:
            raise versions.EditedMeanwhile
        version = await versions.keep(
            here.session,
            here.viewer,
            draft.info.id,
            bench.queue,
            head=bench.head,
            fingerprint=bench.mark,
            sources=draft.info.sources,
            note=str(form.get("note") or ""),
            now=here.now,
        )
        bench.base, bench.behind, bench.moves = bench.queue, 0, ()
        await self._show(*await self._at(draft.info.id))
        return telling.good(f"Version {version.number} is kept.")

    def _tell(self, answer: dict[str, Any]) -> None:
        """What was sent twice is answered once."""
        others = [one for one in self.answers if one["token"] != answer["token"]]
        self.answers = [*others[1 - _KEPT :], answer]

    def _queue(self) -> int:
        return identifier(self.queue) or identifier(self._parameters().get("queue")) or 0

    async def _at(self, queue_id: int) -> tuple[Bench, Draft]:
        here = visit()
        draft = await drafts.read(here.session, here.viewer, queue_id)
        return await benches.at(here.session, draft, now=here.now), draft

    async def _apply(self, queue_id: int, sent: Sent) -> Applied:
        here = visit()
        told = {"seen": sent.seen, "token": sent.token, "now": here.now}
        if sent.op == "undo":
            return await drafts.undo(here.session, here.viewer, queue_id, **told)
        if sent.op == "redo":
            return await drafts.redo(here.session, here.viewer, queue_id, **told)
        return await drafts.apply(here.session, here.viewer, queue_id, sent.changes, **told)

    async def _answer(self, applied: Applied, bench: Bench, sent: Sent) -> dict[str, Any]:
        others = {one.by for clash in applied.clashes for one in clash.theirs}
        by = await accounts.named(visit().session, others) if others else {}
        clashes = [
            {
                "words": clash_in_words(one, bench.queue, people=bench.names.people, accounts=by),
                "change": change_json(one.mine),
                "op": sent.op,
                "seen": one.head,
            }
            for one in applied.clashes
        ]
        nothing = (
            ""
            if sent.op == "edit" or applied.made or applied.agreed or clashes
            else f"There is nothing to {sent.op}."
        )
        return {"token": sent.token, "problem": nothing, "clashes": clashes}

    async def _show(self, bench: Bench, draft: Draft) -> None:
        here = visit()
        info = draft.info
        queue = await versions.part_of(here.session, here.viewer, bench.queue)
        present, timed = rooms.people(info.id) - {here.viewer.user_id}, rows.timed_by(draft)
        wanted = {*present, *timed.values()}
        named = await accounts.named(here.session, wanted) if wanted else {}
        by = {issue: named[user] for issue, user in timed.items() if user in named}
        sight = Sight(bench, queue, here.zone, by)
        found = bench.found
        self._put(
            name=info.name,
            subtitle=_subtitle(info, found.place.sprint_name if found else ""),
            queue=str(info.id),
            back=address("/queues", sprint=info.sprint_id),
            may=info.editable and _may_edit(here.viewer, info),
            heard=rooms.version(info.id),
            head=bench.head,
            final=bench.final,
            versions=info.versions,
            fresh=not bench.moved_on,
            behind=f"version {bench.behind}" if bench.behind else "",
            notes=list(found.notes) if found else [],
            people=sorted(named[user] for user in present if user in named),
            told=rows.told(sight),
            totals=rows.totals(sight),
            rules=rows.rules(queue.options),
            algorithms=rows.algorithms(),
            weights=rows.weights(sight),
            moves=rows.moves(bench.moves, sight),
        )
        self._patch(sight)

    def _has(self, got: int) -> None:
        """What the browser has need not be sent again; below nothing: it cannot go on from what it has."""
        if got < 0:
            self._said = None
        if any(one["number"] <= got for one in self.lists):
            self.lists = [one for one in self.lists if one["number"] > got]

    def _patch(self, sight: Sight) -> None:
        """What differs from what the browser has. Numbers rise, also where this state was forgotten."""
        here = visit()
        teams = {rows.team_key(team.team): team for team in rows.in_order(sight.queue)}
        if not self._open:
            self._open = dict.fromkeys(list(teams)[:FIRST_TEAMS], FIRST_CARDS)
        # Of so many patches without a word of the browser some may be lost: all begins anew.
        whole = self._said is None or len(self.lists) >= _KEPT
        known: dict[str, Known] = {} if whole else dict(self._known)
        lists: dict[str, Any] = {}
        for key, most in self._open.items():
            if key in teams and not rows.still_to_follow(sight, teams[key], most, known.get(key)):
                known[key], patch = rows.differing(rows.cards(sight, teams[key], most), known.get(key))
                if patch is not None:
                    lists[key] = patch
        said, conflicts = rows.differing_conflicts(rows.conflicts(sight), None if whole else self._said)
        figures, columns = rows.differing_columns(rows.columns(sight), None if whole else self._figures)
        if not lists and conflicts is None and columns is None and not whole:
            return
        after, self._serial = self._serial, max(self._serial + 1, int(here.now.timestamp() * 1000))
        self._known, self._said, self._figures = known, said, figures
        patch = {
            "number": self._serial,
            "after": 0 if whole else after,
            "teams": lists,
            "columns": columns,
            "conflicts": conflicts,
        }
        self.lists = [patch] if whole else [*self.lists, patch]


def _may_edit(viewer: Viewer, info: QueueInfo) -> bool:
    try:
        viewer.require(Permission.QUEUES_WRITE, board_id=info.board_id)
    except Forbidden:
        return False
    return True


def _subtitle(info: QueueInfo, sprint: str) -> str:
    return ", ".join(part for part in (sprint, _STATES[info.state]) if part)
