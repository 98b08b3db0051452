"""A made-up project in the words of a collector: the twin of the recorded one in the conformance tests.

Names instead of ids, a renamed sprint, entries out of order with mixed offsets, a made-up first entry for each field (one of
them wrong), an issue that left the sprint and came back, one that was created inside it, re-estimates.
"""

import pytest

from tests.integration.small_jira import SmallJira, serving
from tests.integration.sync_support import rows
from tests.integration.told_histories import Events, Teller, ToldSprint, site_answers
from tests.integration.told_support import (
    as_lines,
    course,
    naive_burndown,
    naive_guideline,
    points,
    remaining_at_ends_of,
    scope_after,
    step_at_end_of,
    told_site,
)

ALPHA, BETA = 3, 4
SPRINTS = (
    ToldSprint(ALPHA, "Alpha, the first", "closed", "2024-04-29T09:00:00.000-04:00", "2024-05-03T17:00:00.000-04:00",
               "2024-05-03T17:00:00.000-04:00", before=("Alpha",)),
    ToldSprint(BETA, "Beta", "closed", "2024-05-06T09:00:00.000-04:00", "2024-05-10T17:00:00.000-04:00",
               "2024-05-10T17:00:00.000-04:00"),
)  # fmt: skip
DAYS = [f"2024-05-{day:02}" for day in (6, 7, 8, 9, 10)]


def entries(*changes: tuple[str, object, object], born: str, first: object) -> list[dict[str, object]]:
    """The collector's own entry, then these."""
    return [
        {"author": "mia", "change": at, "from": before, "to": after}
        for at, before, after in ((born, first, first), *changes)
    ]


def project() -> dict[str, Events]:
    """Four issues; 101 began in the renamed sprint, 102 left and came back, 104 was created in the sprint."""
    old, late = "2024-04-25T12:00:00.000Z", "2024-05-08T14:00:00.000Z"
    return {
        "TOLD-101": {
            "Sprint": entries(
                ("2024-05-06T08:30:00.000-0400", ["Alpha, the first"], ["Beta"]),
                ("2024-04-26T09:00:00.000-0400", [], ["Alpha"]), born=old, first=[],
            ),
            "Status": entries(
                ("2024-05-07T10:00:00.000-0400", "Coding In Progress", "Dev Complete"),
                ("2024-05-06T10:00:00.000-0400", "Open", "Coding In Progress"), born=old, first="Verified",
            ),
            "Story Points": entries(("2024-04-26T09:05:00.000-0400", None, "5"), born=old, first=None),
            "Resolution": entries(("2024-05-07T10:00:00.000-0400", None, "Done"), born=old, first=None),
        },
        "TOLD-102": {
            "Sprint": entries(
                ("2024-05-09T07:00:00.000+0200", [], ["Beta"]),
                ("2024-05-06T08:40:00.000-0400", [], ["Beta"]),
                ("2024-05-07T23:30:00.000-0400", ["Beta"], []), born=old, first=[],
            ),
            "Status": entries(("2024-05-10T09:00:00.000-0400", "Open", "Closed"), born=old, first="Open"),
            "Story Points": entries(("2024-05-08T12:00:00.000-0400", "3", "8"), born=old, first="3"),
            "Resolution": entries(("2024-05-10T09:00:00.000-0400", None, "Done"), born=old, first=None),
        },
        "TOLD-103": {
            "Sprint": entries(("2024-05-06T08:45:00.000-0400", [], ["Beta"]), born=old, first=[]),
            "Status": entries(
                ("2024-05-08T10:00:00.000-0400", "Open", "Closed"),
                ("2024-05-09T10:00:00.000-0400", "Closed", "Reopened"), born=old, first="Open",
            ),
            "Story Points": entries(("2024-05-07T12:00:00.000-0400", "2", "1"), born=old, first="2"),
            "Resolution": entries(
                ("2024-05-08T10:00:00.000-0400", None, "Done"), ("2024-05-09T10:00:00.000-0400", "Done", None),
                born=old, first=None,
            ),
        },
        "TOLD-104": {"Status": entries(born=late, first="Open"), "Resolution": entries(born=late, first=None)},
    }  # fmt: skip


UNSAID = {"TOLD-104": {"Story Points": "13", "Sprint": ["Beta"]}}

# By hand, times in UTC: 5 + 3 + 2 points at the start.
STEPS = """
05-07 14:00:00 TOLD-101 done: 5 of 10
05-07 16:00:00 TOLD-103 2 became 1: 4 of 9
05-08 03:30:00 TOLD-102 removed from the sprint with 3: 1 of 6
05-08 14:00:00 TOLD-103 done: 0 of 6
05-08 14:00:00 TOLD-104 created in the sprint with 13: 13 of 19
05-09 05:00:00 TOLD-102 added to the sprint with 8: 21 of 27
05-09 14:00:00 TOLD-103 reopened: 22 of 27
05-10 13:00:00 TOLD-102 done: 14 of 27
""".strip().splitlines()


async def synced_from(teller: Teller) -> None:
    issues = [teller.issue(int(key.partition("-")[2]), key, events) for key, events in project().items()]
    jira = SmallJira(site_answers(SPRINTS), issues)
    with serving(jira) as address:
        await told_site(address)
    assert "/rest/api/2/search" in jira.asked


@pytest.mark.parametrize("ids", [{}, {"Alpha": ALPHA, "Alpha, the first": ALPHA, "Beta": BETA}])
async def test_the_steps_are_those_that_were_told(pg_url: str, ids: dict[str, int]):
    await synced_from(Teller(SPRINTS, ids=ids, unsaid=UNSAID))
    found = await course(pg_url, BETA)
    assert (points(found.initial), found.initial.count) == (10, 3)
    assert as_lines(pg_url, found) == STEPS
    # 101 was in Alpha, under its old name, from before its start until after its end.
    first = await course(pg_url, ALPHA)
    assert (points(first.initial), as_lines(pg_url, first)) == (5, [])


async def test_a_made_up_entry_that_is_wrong_stays_where_it_is(pg_url: str):
    """Verified when it was created, says the collector: so 101 counts as done before the sprint, until it moves."""
    await synced_from(Teller(SPRINTS, unsaid=UNSAID, made_up=True))
    found = await course(pg_url, BETA)
    assert points(found.initial) == 5
    assert as_lines(pg_url, found)[0] == "05-06 14:00:00 TOLD-101 reopened with 5: 10 of 10"
    assert as_lines(pg_url, found)[1:] == STEPS
    assert rows(pg_url, "SELECT key FROM issue WHERE gaps > 0") == [("TOLD-101",)]


async def test_a_naive_daily_burndown_beside_ours(pg_url: str):
    sizes = {"TOLD-104": 13}
    naive = naive_burndown(project(), sizes, DAYS)
    assert naive == [27, 22, 21, 21, 13]
    assert naive_guideline(27, DAYS) == pytest.approx([21.6, 16.2, 10.8, 5.4, 0])
    assert naive_guideline(9, ["2024-05-10", "2024-05-11", "2024-05-13"]) == pytest.approx([4.5, 4.5, 0])
    await synced_from(Teller(SPRINTS, unsaid=UNSAID))
    found = await course(pg_url, BETA)
    ours = remaining_at_ends_of(found, DAYS)
    assert ours == [10, 1, 13, 22, 14]
    assert [scope_after(found, day) for day in DAYS] == [17, 21, 8, 0, 0]
    # The two agree but for what was reopened (103, one point): that the naive one never gives back.
    together = [mine + scope_after(found, day) for mine, day in zip(ours, DAYS, strict=True)]
    assert [mine - theirs for mine, theirs in zip(together, naive, strict=True)] == [0, 0, 0, 1, 1]
    assert points(step_at_end_of(found, "2024-05-10").done) == 13
