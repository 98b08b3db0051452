"""What the Merico recordings taught, in issues of our own making: hours on sub-tasks, "-1", translated types."""

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.quality.check import CheckName
from tests.integration.jira_site import fill, make_site, rows
from tests.integration.quality_support import fired, subjects, tidy
from tests.unit.jira.samples import change, day, item, moved

HOUR = 3600


def hours(number: int, *changes: bytes, seconds: int | None, **fields: object):
    return tidy(number, *changes, points=None, timeoriginalestimate=seconds, **fields)


def typed(before: str, after: str) -> dict[str, object]:
    return item("issuetype", "issuetype", ("1", before), ("2", after))


async def test_an_old_sprint_of_a_team_that_estimates_sub_tasks_in_hours(db_session: AsyncSession):
    site = await make_site(db_session)
    await rows(db_session, "UPDATE board SET unit = 'hours' WHERE site_id = %s RETURNING 1", site.site_id)
    minus = item("timeoriginalestimate", "timeoriginalestimate", (None, None), ("-1", "-1"))
    none = item("timeoriginalestimate", "timeoriginalestimate", ("-1", "-1"), (None, None))
    issues = [
        # Done while its sub-tasks are open; began, went back, began again; its estimate was once -1.
        hours(1, change(1, day(1.2), minus), change(2, day(1.3), none), change(3, day(3.2), moved("2", "1")),
              change(4, day(3.4), moved("1", "2")), seconds=None),
        hours(2, seconds=7 * HOUR, subtask_of=1, sprints=[], started=3, done=8),
        hours(3, seconds=14 * HOUR, subtask_of=1, sprints=[], done=None, status="2"),
        # Its type reads otherwise in the language of the account that we read Jira with.
        hours(4, change(5, day(2.5), typed("Technical-Debt", "Task")), seconds=HOUR, type_="任务"),
        hours(5, change(6, day(4), moved("2", "4")), seconds=HOUR, done=None, status="4"),
        hours(6, seconds=None, done=None, status="2"),
    ]  # fmt: skip
    await fill(db_session, site, issues)
    assert await fired(db_session, site) == {
        "done-without-estimate": 1, "status-off-board": 1, "changelog-gaps": 1, "unreadable-values": 1,
        "open-without-estimate": 1, "parent-done-before-children": 1, "estimates-on-sub-tasks": 1, "status-backwards": 1,
    }  # fmt: skip
    assert await subjects(db_session, site, CheckName.SUBTASK_ESTIMATES) == [
        ("APP-1", "2 sub-tasks hold 21 hours, and the issue itself has no estimate: nothing of it counts.")
    ]
    assert await subjects(db_session, site, CheckName.PARENT_DONE_BEFORE_CHILDREN) == [
        ("APP-1", "2 children of it were still open when it was done.")
    ]
    assert [name for name, _ in await subjects(db_session, site, CheckName.CHANGELOG_GAPS)] == ["APP-4"]
    ((name, detail),) = await subjects(db_session, site, CheckName.UNREADABLE_VALUES)
    assert (name, "“-1” is not a number" in detail) == ("APP-1", True)
