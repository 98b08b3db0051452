"""Whose turn it is to have its configuration read: of a site with many boards, an incremental run reads some."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import db


async def configured_longest_ago(
    session: AsyncSession, site_id: int, boards: Collection[int], *, least: int
) -> set[int]:
    """Of these boards so many whose configurations were read longest ago; and all that have none, or a problem."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT jira_board_id FROM (SELECT jira_board_id, problem IS NOT NULL OR configured_at IS NULL AS due, "
        "row_number() OVER (ORDER BY configured_at NULLS FIRST, jira_board_id) AS turn FROM board "
        "WHERE site_id = %s AND jira_board_id = ANY(%s)) AS board WHERE due OR turn <= %s",
        (site_id, list(boards), least),
    )
    return {board for (board,) in await cursor.fetchall()}


async def estimation_fields(session: AsyncSession, site_id: int) -> dict[int, str]:
    """The field that each board estimates with, as stored; boards without one are left out."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT jira_board_id, estimation_field FROM board WHERE site_id = %s AND estimation_field IS NOT NULL",
        (site_id,),
    )
    return dict(await cursor.fetchall())


async def look_again(session: AsyncSession, site_id: int, boards: Collection[int]) -> None:
    """These boards have changed, it is said: the next run reads their configurations first."""
    connection = await db.raw(session)
    await connection.execute(
        "UPDATE board SET configured_at = 'epoch' WHERE site_id = %s AND jira_board_id = ANY(%s) "
        "AND configured_at IS NOT NULL",
        (site_id, list(boards)),
    )
