"""A run: done in a job as the schedule's owner, with the rights of now. Its deliveries are put in line, each once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import acting
from sprintreports.jira.reads import board_sprints
from sprintreports.jira.reads.board_sprints import BoardSprint
from sprintreports.kit.errors import Conflict, Forbidden, NotFound, SprintReportsError, Unavailable
from sprintreports.observability import logs
from sprintreports.reports.baselines import keeping
from sprintreports.reports.library import templates
from sprintreports.reports.publishing import deliveries
from sprintreports.reports.schedules import pausing, rights, store
from sprintreports.reports.schedules.tables import RunState
from sprintreports.reports.schedules.values import (
    SprintReport,
    Wanted,
    Which,
    chosen,
    needs_sprint,
    source_of,
)

_TAKE = text(f"""
SELECT r.id AS run_id, r.sprint_id, r.missed, s.scopes, {store.COLUMNS}
FROM schedule_run r JOIN schedule s ON s.id = r.schedule_id
WHERE r.id = :id AND r.state = 'waiting' AND s.deleted_at IS NULL FOR UPDATE OF r SKIP LOCKED
""")
_SETTLE = text("""
UPDATE schedule_run SET state = :state, sentence = :sentence, sprint_id = :sprint, baseline_id = :baseline,
    delivery_ids = CAST(:deliveries AS jsonb), ended_at = :now WHERE id = :id
""")
_OURS = (
    "Something went wrong on our side. Tell whoever runs this server: the log has it under the run's number."
)
MOST_TRIES = 3  # of a job that never came to an end
_DIED = (
    "The worker was stopped or died each time it tried this, or the database refused it. Its log may say why."
)
_NO_SPRINT = {
    Which.STARTED: "No sprint of this board has started yet.",
    Which.CLOSED: "No sprint of this board has been closed yet.",
    Which.RUNNING: "No sprint of this board runs at the moment.",
}

log = logs.get("reports.schedules")


class NothingToReport(Conflict):
    """There is nothing to report on at the moment."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What a run has made."""

    sprint_id: int | None = None
    baseline_id: int | None = None
    deliveries: tuple[int, ...] = ()

    @property
    def sentence(self) -> str:
        parts = ["A baseline was taken."] if self.baseline_id is not None else []
        if self.deliveries:
            count = len(self.deliveries)
            parts.append(f"{count} {'delivery was' if count == 1 else 'deliveries were'} put in line.")
        return " ".join(parts)


async def run(session: AsyncSession, run_id: int, *, now: datetime, attempts: int = 0) -> RunState | None:
    """Do it, all or nothing; None: it is done, or somebody else does it. What cannot go on is paused.

    attempts: how often this job was begun before, and never ended.
    """
    row = (await session.execute(_TAKE, {"id": run_id})).mappings().one_or_none()
    if row is None:
        return None
    made, state, sentence, lost = _Made(row["sprint_id"]), RunState.FAILED, "", False
    try:
        async with session.begin_nested():
            _check_tries(run_id, attempts)
            made = await _make(session, row, now=now)
        state, sentence = RunState.DONE, made.sentence
    except NothingToReport as error:
        state, sentence = RunState.NOTHING, error.message
    except (Forbidden, NotFound) as error:
        sentence, lost = error.message, True
    except SprintReportsError as error:
        sentence = error.message
    except DBAPIError:
        raise  # the job is tried again
    except Exception:
        log.exception("schedule_broke", run_id=run_id)
        sentence = _OURS
    if row["missed"]:
        times = "one more time" if row["missed"] == 1 else f"{row['missed']:,} more times"
        sentence = f"{sentence} It stands for {times} that were missed."
    values = {
        "id": run_id, "state": state.value, "sentence": sentence, "sprint": made.sprint_id, "baseline": made.baseline_id,
        "deliveries": msgspec.json.encode(made.deliveries).decode(), "now": now,
    }  # fmt: skip
    await session.execute(_SETTLE, values)
    if lost:
        await pausing.pause(session, row["id"], f"It cannot run as its owner any more. {sentence}", now=now)
    elif state is RunState.FAILED:
        await pausing.after_failures(session, now=now)
    return state


def _check_tries(run_id: int, attempts: int) -> None:
    """Raises Unavailable for what ends every worker that tries it."""
    if attempts >= MOST_TRIES:
        log.error("schedule_given_up", run_id=run_id, tries=attempts)
        raise Unavailable(_DIED)


async def _make(session: AsyncSession, row: Any, *, now: datetime) -> _Made:
    person = await acting.person(session, row["owner_id"], scopes=row["scopes"])
    viewer = replace(person, via=f"schedule:{row['id']}")
    wanted = await rights.allowed(session, viewer, store.wanted_of(row), now=now)
    sprint = await _sprint(session, wanted, row["sprint_id"])
    baseline_id = None
    if wanted.baseline and sprint is not None:
        frozen = await keeping.freeze(
            session,
            viewer,
            sprint_id=sprint.sprint_id,
            board_id=sprint.board_id,
            note=f"By the schedule “{wanted.name}”.",
            now=now,
        )
        baseline_id = frozen.id
    content, layout = wanted.content, None
    if isinstance(content, SprintReport) and content.template is not None:
        layout = await templates.chosen(session, viewer, content.template)
    source = source_of(content, wanted.board_id, sprint, layout)
    made = list[int]()
    for number, one in enumerate(wanted.recipients):
        asked = deliveries.Wanted(source, one.connection_id, one.target)
        key = f"schedule:{row['run_id']}:{number}"
        made.append((await deliveries.publish(session, viewer, asked, key=key, now=now)).id)
    return _Made(None if sprint is None else sprint.sprint_id, baseline_id, tuple(made))


async def _sprint(session: AsyncSession, wanted: Wanted, event: int | None) -> BoardSprint | None:
    """That of the event, else that which is chosen now. Raises NothingToReport where one is needed and none is there."""
    if wanted.board_id is None or not needs_sprint(wanted):
        return None
    which = wanted.content.which if isinstance(wanted.content, SprintReport) else Which.RUNNING
    sprints = await board_sprints.of_boards(session, [wanted.board_id])
    if event is None:
        found = chosen(sprints, which)
    else:
        found = next((one for one in sprints if one.sprint_id == event), None)
    if found is None:
        raise NothingToReport(_NO_SPRINT[which] if event is None else "This sprint is not there any more.")
    return found
