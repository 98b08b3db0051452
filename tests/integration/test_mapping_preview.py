"""A mapping tried on real issues before it is confirmed, and what follows once it is."""

from collections.abc import Iterator

import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import mapping_preview, mapping_setup, sites, sync
from sprintreports.jira.mapping_preview import Preview
from sprintreports.jira.mapping_sample import ASKED, Basis
from sprintreports.jira.mapping_setup import Effect
from sprintreports.jira.mapping_values import Override, Slot
from sprintreports.kit import clock, db
from sprintreports.kit.errors import Forbidden, Invalid
from tests.integration.sync_support import SYSTEM, connected, connection, contents, one, rows, synced

NOW = 1_780_000_000_000
POINTS, TEAM_POINTS, OWNER, TEAM = (
    "customfield_10028", "customfield_10016", "customfield_10050", "customfield_10051",
)  # fmt: skip


@pytest.fixture(scope="module", params=list(Dialect))
def company(request: pytest.FixtureRequest) -> Iterator[tuple[RunningDemo, Dialect]]:
    with running_demo(dialect=request.param, seed=3, scale=0.15, now=NOW) as demo:
        yield demo, request.param


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=3, scale=0.15, now=NOW) as demo:
        yield demo


async def tried(site_id: int, changes: dict[str, str | None] | None = None, **options) -> Preview:
    async with db.transaction() as session:
        return await mapping_preview.preview(
            session, SYSTEM, site_id, changes=changes or {}, now=clock.now(), **options
        )


async def confirmed(site_id: int, changes: dict[str, str | None] | None = None, **options) -> Effect:
    async with db.transaction() as session:
        _, effect = await mapping_setup.confirm(
            session, SYSTEM, site_id, changes=changes or {}, now=clock.now(), **options
        )
    return effect


async def replayed(site_id: int) -> sync.Outcome:
    async with db.transaction() as session:
        run_id, fresh = await sync.prepare(session, SYSTEM, site_id, mode=sync.Mode.REPLAY)
    assert not fresh
    return await sync.run(db.transaction, run_id=run_id, now=clock.now, open_client=no_jira)


async def no_jira(site: object) -> None:
    raise AssertionError(f"Jira was asked: {site}")


async def test_before_the_first_sync_a_few_issues_are_asked_from_jira(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect), boards_wanted={4})
    async with db.transaction() as session:
        guessed = await mapping_setup.guess(session, SYSTEM, site_id, now=clock.now())
    found = await tried(site_id, {"owner": None})
    assert (found.basis, found.effect, found.stored_issues) == (Basis.JIRA, Effect.NONE, 0)
    assert 0 < len(found.issues) <= mapping_preview.SHOWN < found.looked_at <= ASKED
    assert found.filled[Slot.OWNER] == 0 < found.changed[Slot.OWNER]
    assert guessed.points in {share.field_id for share in found.shares[Slot.POINTS]}
    assert all(issue.before.stakeholder and issue.after.stakeholder for issue in found.issues)


async def test_stored_issues_are_tried_without_asking_jira(cloud, pg_url, monkeypatch):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    monkeypatch.setattr(sites, "open_client", no_jira)
    nothing = await tried(site_id)
    assert (nothing.basis, nothing.effect, set(nothing.changed.values())) == (
        Basis.SPRINTS,
        Effect.NONE,
        {0},
    )
    assert nothing.stored_issues == one(pg_url, "SELECT count(*) FROM stored_payload")
    stored = dict(rows(pg_url, "SELECT key, points FROM issue"))
    assert {issue.key: issue.before.points for issue in nothing.issues}.items() <= stored.items()
    assert len({(issue.project, issue.type) for issue in nothing.issues}) >= 4
    other = await tried(site_id, {"points": OWNER, "discipline": "components", "owner": None})
    assert (other.effect, other.new_fields) == (Effect.REPLAY, ())
    assert other.filled[Slot.POINTS] < nothing.filled[Slot.POINTS]
    assert other.changed[Slot.POINTS] == nothing.filled[Slot.POINTS] - other.filled[Slot.POINTS]
    assert other.issues[0].before != other.issues[0].after
    unread = await tried(site_id, {"points": "customfield_404"})
    assert (unread.effect, unread.new_fields) == (Effect.READ, ("customfield_404",))
    assert contents(pg_url)["issue"][0] == other.stored_issues


async def test_shares_tell_the_right_field_from_others(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    found = await tried(site_id)
    points = {share.field_id: share for share in found.shares[Slot.POINTS]}
    assert points[POINTS].filled > points[TEAM_POINTS].filled > 0
    assert sum(count for _, count in points[POINTS].frequent) <= points[POINTS].filled <= found.looked_at
    assert {value for value, _ in points[POINTS].frequent} <= {"0.5", "1", "2", "3", "5", "8", "13", "20"}
    owner = next(share for share in found.shares[Slot.OWNER] if share.field_id == OWNER)
    assert owner.filled == found.filled[Slot.OWNER]
    teams = next(share for share in found.shares[Slot.DISCIPLINE] if share.field_id == TEAM)
    assert {name for name, _ in teams.frequent} <= {
        name for (name,) in rows(pg_url, "SELECT name FROM discipline")
    }


async def test_a_field_that_holds_no_sprints_is_told_before_and_refused(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    found = await tried(site_id, {"sprint": TEAM})
    assert all(issue.after.problem for issue in found.issues if issue.before.team)
    with pytest.raises(Invalid) as caught:
        await confirmed(site_id, {"sprint": TEAM})
    assert "holds no sprints" in caught.value.details[0].message


async def test_an_exception_reaches_old_issues_by_replay(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    before = contents(pg_url)
    projects = dict(rows(pg_url, "SELECT project_key, count(*) FROM issue WHERE type = 'Bug' GROUP BY 1"))
    project = max(projects, key=projects.__getitem__)
    rules = [
        Override(Slot.POINTS, None, project, "Bug"),
        Override(Slot.DISCIPLINE, "project", "", "Task"),
    ]
    found = await tried(site_id, overrides=rules)
    tasks = one(pg_url, "SELECT count(*) FROM issue WHERE type = 'Task'")
    assert found.reach == (projects[project], tasks)
    assert found.changed[Slot.POINTS] > 0 < found.changed[Slot.DISCIPLINE]
    pointed = "SELECT count(*) FROM issue WHERE type = 'Bug' AND project_key = %s AND points IS NOT NULL"
    segments = "SELECT count(*) FROM sprint_segment s JOIN issue i USING (site_id, jira_issue_id) WHERE type = 'Bug' AND project_key = %s AND s.points IS NOT NULL"
    assert one(pg_url, pointed, project) > 0 < one(pg_url, segments, project)
    assert await confirmed(site_id, overrides=rules) is Effect.REPLAY
    outcome = await replayed(site_id)
    assert (outcome.end, outcome.error) == ("done", None)
    assert one(pg_url, pointed, project) == one(pg_url, segments, project) == 0
    names = rows(
        pg_url,
        "SELECT DISTINCT d.name FROM issue i JOIN discipline d ON d.id = i.discipline_id WHERE i.type = 'Task'",
    )
    assert {name for (name,) in names} <= {name for (name,) in rows(pg_url, "SELECT name FROM project")}
    assert await confirmed(site_id, overrides=[]) is Effect.REPLAY
    await replayed(site_id)
    after = contents(pg_url)
    assert {table for table in before if before[table] != after[table]} <= {"discipline", "jira_person"}


async def test_labels_with_a_prefix_name_teams(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    hidden = one(
        pg_url,
        "UPDATE issue SET hidden_at = now() WHERE jira_issue_id = (SELECT min(jira_issue_id) FROM issue) RETURNING key",
    )
    assert await confirmed(site_id, {"discipline": "labels"}, pattern="*") is Effect.REPLAY
    assert (await replayed(site_id)).end == "done"
    everything = {
        name
        for (name,) in rows(pg_url, "SELECT d.name FROM issue i JOIN discipline d ON d.id = i.discipline_id")
    }
    chosen = min(everything)
    await confirmed(site_id, pattern=f"{chosen[:2]}*")
    await replayed(site_id)
    fewer = {
        name
        for (name,) in rows(pg_url, "SELECT d.name FROM issue i JOIN discipline d ON d.id = i.discipline_id")
    }
    assert {name[2:] for name in everything if name.startswith(chosen[:2])} <= fewer
    assert len(fewer) < len(everything)
    assert not fewer & everything
    assert rows(pg_url, "SELECT key FROM issue WHERE hidden_at IS NOT NULL") == [(hidden,)]


async def test_an_exception_for_a_project_that_is_not_there(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    with pytest.raises(Invalid) as caught:
        await confirmed(site_id, overrides=[Override(Slot.POINTS, POINTS, "NOPE")])
    (problem,) = caught.value.details
    assert problem.field == "overrides.0"
    assert "No project NOPE is known" in problem.message


async def test_only_admins_try(cloud, pg_url):
    site_id = await connected(connection(cloud))
    manager = Viewer(user_id=1, role=Role.MANAGER, name="", email="")
    async with db.transaction() as session:
        with pytest.raises(Forbidden):
            await mapping_preview.preview(session, manager, site_id, changes={}, now=clock.now())
