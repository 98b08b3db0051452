"""The first phases: fields, statuses, boards with their configurations, and each board's sprints."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from sprintreports.jira import context, mapping
from sprintreports.jira.board_turns import configured_longest_ago, estimation_fields
from sprintreports.jira.client import JiraClient
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.errors import JiraError
from sprintreports.jira.payloads import (
    BoardPayload,
    FieldPayload,
    PersonPayload,
    SprintPayload,
    StatusPayload,
)
from sprintreports.jira.store import FoundBoard, store_boards, store_sprints, store_statuses
from sprintreports.jira.store_boards import boards_with_news, estimation_of
from sprintreports.jira.sync import fingerprint, runs
from sprintreports.jira.sync.errors import NoBoardChosen, NoBoardReadable
from sprintreports.jira.sync.work import BOARD_LEVEL, BOARDS_A_PAGE, ChosenBoard, Work
from sprintreports.jira.tables import Site

# Of a site with many boards an incremental run reads so many configurations, and no fewer than a quarter of all.
CONFIGURATIONS_A_RUN, TURNS = 40, 4


async def read_meta(work: Work) -> None:
    """Fields, statuses, the owner's zone, and the chosen boards' configurations."""
    chosen = await work.chosen_boards()
    if not chosen:
        raise NoBoardChosen
    person, fields, statuses, listed = await _ask(work.client)
    by_id = {board.id: board for board in listed}
    turn = await _whose_turn(work, chosen)
    found = await together(
        [
            _found(work, board, by_id.get(board.jira_board_id), ask=board.jira_board_id in turn)
            for board in chosen
        ]
    )
    found = await _with_filters(work, chosen, found)
    async with work.page() as session:
        site = await session.get(Site, work.run.site_id, with_for_update=True, populate_existing=True)
        if site is None:
            raise NoBoardChosen
        site.time_zone = work.owner_zone = person.time_zone or site.time_zone
        if not site.mapping:
            site.mapping = msgspec.to_builtins(_guess(fields, found))
        read_with, fields_read = site.read_with, site.settings.get("fields_read", ())
        known = await estimation_fields(session, work.run.site_id)
        needed = _choose_fields(work, site, fields, found, known)
        await session.flush()
        stored = await context.load(session, work.run.site_id)
        await store_statuses(session, stored, statuses, now=work.now())
        await store_boards(session, stored, found, now=work.now())
        now_with = fingerprint.of_reading(await context.load(session, work.run.site_id))
        asked = fingerprint.consequences(
            read_with=read_with, now_with=now_with, fields_read=fields_read, fields_needed=needed
        )
        if asked.read_all:
            work.run.cursor.since = None
        work.run.cursor.replay = asked.replay
        if read_with is None:
            await fingerprint.keep_reading(session, work.run.site_id, now_with)
    for board, read in zip(chosen, found, strict=True):
        if read.problem:
            await work.set_aside(board, read.problem)
    _require_one(work, chosen)


async def _whose_turn(work: Work, chosen: Sequence[ChosenBoard]) -> set[int]:
    """The boards whose configurations are read now.

    All of a site with few; all in a full run, and where a person asked for the run. Else a quarter: those read longest
    ago, and each that never was, could not be, or has told by a webhook that it changed.
    """
    numbers = [board.jira_board_id for board in chosen]
    least = max(CONFIGURATIONS_A_RUN, -(-len(numbers) // TURNS))
    if work.run.cursor.since is None or work.run.asked_for or len(numbers) <= least:
        return set(numbers)
    async with work.unit() as session:
        return await configured_longest_ago(session, work.run.site_id, numbers, least=least)


def _choose_fields(
    work: Work,
    site: Site,
    fields: Sequence[FieldPayload],
    found: Sequence[FoundBoard],
    known: Mapping[int, str],
) -> set[str]:
    """Which fields this run asks for. Returns those that it cannot do without. `known`: what boards estimated with."""
    chosen = msgspec.convert(site.mapping, mapping.FieldMapping)
    read_now = {
        board.payload.id: estimation_of(board.configuration)[1] for board in found if board.configuration
    }
    estimating = [
        field
        for board in found
        if (field := read_now.get(board.payload.id, known.get(board.payload.id) if board.kept else None))
    ]
    work.fields = mapping.fields_to_read(chosen, fields, estimating)
    site.settings = {**site.settings, "fields_read": list(work.fields)}
    return {*mapping.wanted_fields(chosen), *estimating}


async def _ask(
    client: JiraClient,
) -> tuple[PersonPayload, list[FieldPayload], list[StatusPayload], list[BoardPayload]]:
    """All at the same time on the wire."""
    try:
        async with asyncio.TaskGroup() as group:
            person = group.create_task(client.myself())
            fields = group.create_task(client.fields())
            statuses = group.create_task(client.statuses())
            boards = group.create_task(client.boards())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return person.result(), fields.result(), statuses.result(), boards.result()


async def _found(work: Work, board: ChosenBoard, listed: BoardPayload | None, *, ask: bool) -> FoundBoard:
    """A chosen board with its configuration, or with the reason why it has none; without `ask` it keeps its own."""
    payload = listed or BoardPayload(id=board.jira_board_id, name=board.name)
    if listed is None:
        reason = (
            "Jira does not list it any more for this account. If it was not deleted, ask a Jira admin for access; "
            "else take it off the chosen boards."
        )
        return FoundBoard(payload, problem=reason)
    if not ask:
        return FoundBoard(payload, kept=True)
    try:
        configuration = await work.client.board_configuration(board.jira_board_id)
    except BOARD_LEVEL as error:
        return FoundBoard(payload, problem=error.message)
    if configuration.filter is None:
        return FoundBoard(
            payload, problem="It has no filter. Ask its owner to set one in the board's settings."
        )
    return FoundBoard(payload, configuration)


async def _with_filters(
    work: Work, chosen: Sequence[ChosenBoard], found: Sequence[FoundBoard]
) -> list[FoundBoard]:
    """A filter's text is for people to read; one that is not shared can still be searched by its id."""
    stored = {board.jira_board_id: board.filter_id for board in chosen}
    wanted: dict[int, str] = {}
    for board in found:
        read = board.configuration.filter if board.configuration is not None else None
        filter_id = str(read.id) if read is not None else stored[board.payload.id] if board.kept else None
        if filter_id is not None:
            wanted[board.payload.id] = filter_id
    try:
        filters = await work.client.filters(list(wanted.values()))
    except BOARD_LEVEL:
        return list(found)
    texts = {board: filters[filter_id].jql for board, filter_id in wanted.items() if filter_id in filters}
    return [replace(board, filter_jql=texts.get(board.payload.id) or None) for board in found]


def _guess(fields: Sequence[FieldPayload], found: Sequence[FoundBoard]) -> mapping.FieldMapping:
    configurations = [
        (board.payload.location.project_key if board.payload.location else None, board.configuration)
        for board in found
        if board.configuration is not None
    ]
    return mapping.guess(fields, configurations)


async def read_sprints(work: Work) -> None:
    """Each board's whole list of sprints."""
    chosen = await work.chosen_boards()
    readable = [board for board in chosen if not board.problem]
    lists = await together([_sprints(work, board) for board in readable])
    answered: list[tuple[ChosenBoard, list[SprintPayload]]] = []
    for board, answer in zip(readable, lists, strict=True):
        if isinstance(answer, JiraError):
            await work.set_aside(board, answer.message)
        else:
            answered.append((board, answer))
    async with work.unit() as session:
        lists = {board.jira_board_id: sprints for board, sprints in answered}
        news = await boards_with_news(session, work.run.site_id, lists)
    for some in chunks([one for one in answered if one[0].jira_board_id in news], BOARDS_A_PAGE):
        async with work.page() as session:
            site = await context.load(session, work.run.site_id)
            for board, sprints in some:
                await store_sprints(session, site, board.jira_board_id, sprints, now=work.now())
    await _note_without_sprints(work, [board for board, sprints in answered if not sprints])
    _require_one(work, chosen)


async def _note_without_sprints(work: Work, boards: Sequence[ChosenBoard]) -> None:
    noted = [board for board in boards if board.type != "kanban"]
    if not noted:
        return
    async with work.page() as session:
        for board in noted:
            sentence = f"The board “{board.name}” has no sprints. Reports begin with its first sprint."
            await runs.note(session, work.run, sentence, board_id=board.jira_board_id)


async def _sprints(work: Work, board: ChosenBoard) -> list[SprintPayload] | JiraError:
    try:
        return await work.client.sprints(board.jira_board_id)
    except BOARD_LEVEL as error:
        return error


def _require_one(work: Work, chosen: Sequence[ChosenBoard]) -> None:
    if all(board.jira_board_id in work.problems or board.problem for board in chosen):
        raise NoBoardReadable(" ".join(["None of the chosen boards can be read.", *work.problems.values()]))
