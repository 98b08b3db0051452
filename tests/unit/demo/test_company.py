"""The company is the same for the same seed, believable in size, and full of what the brief asks for."""

import hashlib
import subprocess
import sys
from collections import Counter

import pytest

from sprintreports.demo.catalog import DISCIPLINES, Estimation
from sprintreports.demo.company import Company, found
from sprintreports.demo.model import Board, Sprint
from sprintreports.demo.truth import Bucket


def sprints_of(company: Company, board: Board) -> list[Sprint]:
    """What a board shows: its own sprints, or those of the board that it shares them with."""
    if board.kind != "scrum":
        return []
    return [sprint for sprint in company.sprints.values() if sprint.board_id == board.sprints_of]


_DIGEST = """
import hashlib
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.company import found
from sprintreports.demo.company_site import CompanySite
company = found(seed={seed!r}, scale=0.15, now=1763827200000)
digest = hashlib.sha256()
for dialect in Dialect:
    site = CompanySite(company, dialect, "http://127.0.0.1")
    for row in site.rows():
        digest.update(site.issue(row, None).encode())
        for entry in site.histories(row):
            digest.update((entry.json() or "").encode())
for key, truth in company.reports.items():
    digest.update(repr((key, truth)).encode())
print(digest.hexdigest())
"""


def digest(seed: int, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _DIGEST.format(seed=seed)],
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.unmeasured
def test_the_same_seed_gives_the_same_bytes_in_every_process() -> None:
    first = digest(7, "0")
    assert len(first) == hashlib.sha256().digest_size * 2
    assert digest(7, "12345") == first
    assert digest(8, "0") != first


def test_it_has_the_size_and_the_shape_of_a_company(company: Company) -> None:
    assert 2500 <= len(company.issues) <= 4000
    assert len(company.projects) >= 4
    kinds = Counter(issue.type.name for issue in company.issues.values())
    assert set(kinds) == {"Epic", "Story", "Task", "Bug", "Sub-task"}
    assert {issue.team for issue in company.issues.values()} == {*DISCIPLINES, None}
    assert sum(issue.owner is not None for issue in company.issues.values()) > 1000
    assert sum(any(phrase == "blocks" for phrase, _ in issue.links) for issue in company.issues.values()) > 50
    estimations = {board.estimation for board in company.boards.values()}
    assert estimations == {*Estimation, None}


def test_each_scrum_board_of_its_own_has_26_closed_one_active_and_two_future_sprints(
    company: Company,
) -> None:
    own = [
        board for board in company.boards.values() if board.kind == "scrum" and board.sprints_of == board.id
    ]
    assert len(own) == 4
    for board in own:
        states = Counter(sprint.state for sprint in sprints_of(company, board))
        assert states == {"closed": 26, "active": 1, "future": 2}
        active = next(sprint for sprint in sprints_of(company, board) if sprint.state == "active")
        assert active.started is not None
        assert active.started < company.now < (active.planned_end or 0)
    assert [board.name for board in company.boards.values() if board.kind == "kanban"] == [
        "Service Operations"
    ]


@pytest.mark.parametrize("days", [0, 1, 2, 3, 4, 5, 6, 117])
def test_an_active_sprint_is_alive_on_any_day(company: Company, days: int) -> None:
    other = found(seed=1, scale=0.1, now=company.now + days * 86_400_000)
    for board in other.boards.values():
        states = Counter(sprint.state for sprint in sprints_of(other, board))
        assert states == ({"closed": 26, "active": 1, "future": 2} if board.kind == "scrum" else {})


def test_a_second_board_shows_the_same_sprints_with_other_numbers(company: Company) -> None:
    first, second = company.boards[1], company.boards[2]
    assert sprints_of(company, first) == sprints_of(company, second)
    closed = [sprint.id for sprint in sprints_of(company, first) if sprint.state == "closed"]
    differing = [
        number
        for number in closed
        if len(company.truth(1, number).bucket(Bucket.COMPLETED))
        != len(company.truth(2, number).bucket(Bucket.COMPLETED))
    ]
    assert len(differing) > 20


def test_velocity_moves_but_stays_a_velocity(company: Company) -> None:
    for board_id in (1, 3, 4):
        board = company.boards[board_id]
        done = [
            sum(line.final or 0 for line in company.truth(board_id, sprint.id).bucket(Bucket.COMPLETED))
            / 1000
            for sprint in sprints_of(company, board)
            if sprint.state == "closed"
        ]
        mean = sum(done) / len(done)
        assert 20 < mean < 70
        assert len(set(done)) > 10
        assert max(done) < 2.2 * mean


def test_people_work_on_working_days(company: Company) -> None:
    tribe_days = Counter(
        (at // 86_400_000 + 3) % 7 for issue in company.issues.values() for at, _, _ in issue.history()
    )
    weekend = tribe_days[5] + tribe_days[6]
    assert weekend < 0.25 * tribe_days.total()


def test_nothing_happens_after_now_or_before_birth(company: Company) -> None:
    for issue in company.issues.values():
        moments = [at for at, _, _ in issue.history()]
        assert moments == sorted(moments)
        assert all(issue.created <= at <= company.now for at in moments)
        assert issue.updated == (moments[-1] if moments else issue.created)


@pytest.mark.parametrize("scale", [0.1, 2])
@pytest.mark.unmeasured
def test_scale_changes_the_amount_of_work(company: Company, scale: float) -> None:
    other = found(seed=1, scale=scale, now=company.now)
    assert (len(other.issues) < len(company.issues)) is (scale < 1)
    assert len(other.boards) == (6 if scale < 1 else 12)
    assert len({issue.key for issue in other.issues.values()}) == len(other.issues)
    assert len({project.key for project in other.projects}) == len(other.projects)


def test_every_truth_adds_up(company: Company) -> None:
    for truth in company.reports.values():
        assert truth.initial + truth.added - truth.removed + truth.reestimated == truth.final
        assert all(not (line.committed and line.added) for line in truth.lines)
        by_initial = {
            bucket: sum(line.initial or 0 for line in truth.bucket(bucket))
            for bucket in (Bucket.COMPLETED, Bucket.NOT_COMPLETED, Bucket.REMOVED)
        }
        assert truth.initial == sum(by_initial.values()) - truth.added


def test_closed_and_active_sprints_have_a_report_and_future_ones_have_none(company: Company) -> None:
    for board in company.boards.values():
        for sprint in sprints_of(company, board):
            if sprint.state == "future":
                with pytest.raises(KeyError):
                    company.truth(board.id, sprint.id)
            else:
                assert company.truth(board.id, sprint.id).start == sprint.started
