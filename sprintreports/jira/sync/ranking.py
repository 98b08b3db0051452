"""The order in which boards show their open issues: Jira's rank, of which no issue's stamp tells that it has changed.

A full run, and one that a person asked for, read it of all boards that can be planned on. Any other run reads it of some: those
that are planned on, and in turn those of which it was asked for longest ago (docs/decisions/0017).
"""

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import board_order
from sprintreports.jira.board_order import OrderedBoard
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.errors import JiraError, JiraRefused
from sprintreports.jira.sync import runs
from sprintreports.jira.sync.work import BOARDS_A_PAGE, Work, log

# What a run reads that nobody asked for: so many boards that are planned on, and of the others so many, or a share of them.
PLANNED_A_RUN, OTHERS_A_RUN, TURNS = 12, 6, 24


class NotWhole(JiraError):
    """The list lacks many open issues that the board showed a moment ago. The next sync reads it again."""


async def read_ranks(work: Work) -> None:
    """Keep the order of each board whose turn it is. One that cannot be listed keeps the order that it has."""
    async with work.unit() as session:
        boards = await board_order.plannable(session, work.run.site_id, now=work.now())
    everything = work.run.cursor.since is None or work.run.asked_for
    turn = boards if everything else whose_turn(boards)
    answers = await together([_listed(work, board) for board in turn])
    pairs = list(zip(turn, answers, strict=True))
    failed = [(board, answer) for board, answer in pairs if isinstance(answer, JiraError)]
    listed = [(board, answer) for board, answer in pairs if not isinstance(answer, JiraError)]
    # One page for a few boards: a run without news is done in few transactions.
    parts = list(chunks(listed, BOARDS_A_PAGE)) or [()]
    for part in parts:
        async with work.page() as session:
            for board, issues in part:
                if not await board_order.keep(session, work.run.site_id, board, issues):
                    failed.append((board, NotWhole()))
            if part is parts[-1]:
                await _end(session, work, turn, failed)


async def _end(
    session: AsyncSession,
    work: Work,
    turn: Sequence[OrderedBoard],
    failed: Sequence[tuple[OrderedBoard, JiraError]],
) -> None:
    numbers = [board.jira_board_id for board in turn]
    await board_order.asked(session, work.run.site_id, numbers, now=work.now())
    await board_order.forget_unplanned(session, work.run.site_id)
    for sentence in _sentences(failed):
        await runs.note(session, work.run, sentence)


def whose_turn(boards: Sequence[OrderedBoard]) -> list[OrderedBoard]:
    """`boards` as they come, those first whose order was asked for longest ago: all of a few, else a share of each kind."""
    if len(boards) <= PLANNED_A_RUN:
        return list(boards)
    planned = [board for board in boards if board.wanted]
    others = [board for board in boards if not board.wanted]
    return [*planned[:PLANNED_A_RUN], *others[: max(OTHERS_A_RUN, -(-len(others) // TURNS))]]


def jql_of(board: OrderedBoard) -> str:
    """The search for what is open on the board."""
    return f"filter = {board.filter_id} AND status IN ({', '.join(board.open)})"


async def _listed(work: Work, board: OrderedBoard) -> list[int] | JiraError:
    """The board's open issues in their order, whole or not at all."""
    try:
        return await work.client.ranked(jql_of(board))
    except JiraError as error:
        log.info(
            "sync_order_unread",
            run_id=work.run.run_id,
            board=board.jira_board_id,
            error=error.message,
        )
        return error


def _sentences(failed: Sequence[tuple[OrderedBoard, JiraError]]) -> Iterator[str]:
    """One for all boards that Jira does not sort, and one for all whose order did not come."""
    refused = [(board, error) for board, error in failed if isinstance(error, JiraRefused)]
    others = [(board, error) for board, error in failed if not isinstance(error, JiraRefused)]
    for some, what in (
        (refused, "Jira refuses to sort the issues of {} by Rank."),
        (others, "The order of the issues of {} could not be read."),
    ):
        if some:
            boards = f"the board “{some[0][0].name}”" if len(some) == 1 else f"{len(some)} boards"
            yield (
                f"{what.format(boards)} Plans keep the order that was read last; issues without a place in it go by age. "
                f"{some[0][1].message}"
            )
