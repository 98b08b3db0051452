"""A sprint is frozen; then issues are deleted and re-estimated in the stand-in Jira, in both dialects, and synced: the baseline stays
what it was to the last bit, and the comparison with now names each change and no other.

What became of each issue is asked from Jira, issue by issue; what was before is in the baseline's raw bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.permissions import Role
from sprintreports.jira import sync
from sprintreports.kit import http
from tests.integration.planning_support import Api, asking, person
from tests.integration.same_numbers_site import bare
from tests.integration.sync_support import connected, connection, rows, synced
from tests.read_back import Seen, number_of, of_json

_ACTIVE = """
SELECT s.id, b.id, b.estimation_field FROM sprint s JOIN board_sprint l USING (site_id, jira_sprint_id)
JOIN board b ON b.site_id = l.site_id AND b.jira_board_id = l.jira_board_id
WHERE b.jira_board_id = s.origin_board_id AND b.selected AND s.state = 'active' AND b.unit = 'points' ORDER BY s.id
"""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A baseline by its id, its bytes and hash, and the estimate of each issue in scope by Jira's id."""

    id: int
    body: bytes
    sha256: str
    keys: dict[int, str]
    estimates: dict[int, float | None]
    others: set[str]
    field: str


async def freeze(ask: Api, sprint: int, board: int, field: str) -> Frozen:
    made = await ask("POST", "/baselines", {"sprint_id": sprint, "board_id": board}, status=201)
    body = await raw(ask, made["id"])
    issues = json.loads(body)["snapshot"]["issues"]
    inside = [one for one in issues if one["outcome"] and one["outcome"]["bucket"] in {"completed", "not_completed"}]  # fmt: skip
    points = {one["issue"]: one["outcome"]["final"]["points"] for one in inside}
    return Frozen(
        made["id"],
        body,
        made["sha256"],
        {one["issue"]: one["key"] for one in inside},
        {issue: None if value is None else value / 1000 for issue, value in points.items()},
        {one["key"] for one in issues} - {one["key"] for one in inside},
        field,
    )


async def raw(ask: Api, baseline: int) -> bytes:
    return (await ask.answer("GET", f"/baselines/{baseline}/raw")).content


async def now_in(jira: RunningDemo, frozen: Frozen, *, cloud: bool) -> dict[int, float | None]:
    """What each of its issues is estimated at now; those that Jira does not know any more are missing."""
    headers = {} if cloud else {"Authorization": f"Bearer {jira.token}"}
    found: dict[int, float | None] = {}
    async with http.client(base_url=jira.base_url, headers=headers) as client:
        for issue in frozen.estimates:
            sign_in = (jira.email, jira.token) if cloud else None
            answer = await client.get(f"/rest/api/{3 if cloud else 2}/issue/{issue}", auth=sign_in)
            if answer.status_code == 200:
                found[issue] = answer.json()["fields"].get(frozen.field)
            else:
                assert answer.status_code == 404
    return found


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_what_is_deleted_and_re_estimated_changes_no_baseline_and_is_named(
    pg_url: str, dialect: Dialect
):
    with running_demo(dialect=dialect, seed=5, scale=0.1) as jira:
        site_id = await connected(connection(jira, dialect=dialect))
        await synced(site_id)
        async with asking() as client:
            ask = await person(client, Role.ADMIN)
            frozen = [await freeze(ask, *found) for found in rows(pg_url, _ACTIVE)]
            jira.edit(60, seed="after the baselines", kinds=("delete", "estimate"))
            await synced(site_id, sync.Mode.INCREMENTAL)
            deleted = changed = 0
            for one in frozen:
                body = await raw(ask, one.id)
                assert body == one.body
                kept = await ask("GET", f"/baselines/{one.id}")
                assert kept["sha256"] == one.sha256 == hashlib.sha256(body).hexdigest()
                then = await now_in(jira, one, cloud=dialect is Dialect.CLOUD)
                seen = await compared(ask, one, rows(pg_url, "SELECT sprint_id, board_id FROM baseline WHERE id = %s", one.id)[0])  # fmt: skip
                deleted += the_deleted_are_named(one, then, seen)
                changed += the_re_estimated_are_named(one, then, seen)
                the_sums_are_theirs(one, then, seen)
    assert deleted, "nothing that was frozen was deleted: the test shows nothing"
    assert changed, "nothing that was frozen was re-estimated: the test shows nothing"


async def compared(ask: Api, one: Frozen, place: tuple[Any, ...]) -> Seen:
    sprint, board = place
    before = {"state": "baseline", "baseline_id": one.id}
    after = {"state": "sprint", "sprint_id": sprint, "board_id": board}
    spec = {"kind": "comparison", "before": before, "after": after}
    kept = await ask("POST", "/reports", {"name": f"Since {one.id}", "spec": spec}, status=201)
    return of_json(bare((await ask.answer("GET", f"/reports/{kept['id']}/document")).content))


def the_deleted_are_named(one: Frozen, then: dict[int, float | None], seen: Seen) -> int:
    gone = {key for issue, key in one.keys.items() if issue not in then}
    assert {row["Issue"] for row in seen.tables["Removed issues"]} == gone
    assert seen.tables["Added issues"] == []
    return len(gone)


def the_re_estimated_are_named(one: Frozen, then: dict[int, float | None], seen: Seen) -> int:
    """With the estimate before and after; besides them there may be what was not in scope and is gone."""
    other = {
        one.keys[issue]: (one.estimates[issue], value)
        for issue, value in then.items()
        if (value or 0) != (one.estimates[issue] or 0) or (value is None) != (one.estimates[issue] is None)
    }
    told = {row["Issue"]: row["What changed"] for row in seen.tables["Changed issues"]}
    assert told.keys() - other.keys() <= one.others
    assert other.keys() <= told.keys()
    for key, (before, after) in other.items():
        assert told[key] == f"Story points: {words(before)} → {words(after)}"
    return len(other)


def the_sums_are_theirs(one: Frozen, then: dict[int, float | None], seen: Seen) -> None:
    """The change of scope is what was deleted and what is estimated otherwise, and nothing else."""
    lost = sum(value or 0 for issue, value in one.estimates.items() if issue not in then)
    moved = sum((value or 0) - (one.estimates[issue] or 0) for issue, value in then.items())
    assert number_of(seen.facts["Scope change"]) == moved - lost
    assert seen.facts["Issues removed"] == len(one.estimates) - len(then)
    assert number_of(seen.facts["In scope"]) == sum(value or 0 for value in then.values())


def words(value: float | None) -> str:
    if value is None:
        return "No estimate"
    return f"{value:g} {'point' if value == 1 else 'points'}"
