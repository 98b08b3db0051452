"""How the company is organised: its tribes, each with projects, boards and a way of working."""

from dataclasses import dataclass

from sprintreports.demo import catalog
from sprintreports.demo.catalog import Estimation, Status
from sprintreports.demo.model import Board, Column, Project

POINT = 1000
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Tribe:
    """People who share a scrum board. `boards[0]` owns the sprints; further ones show the same sprints."""

    index: int
    name: str
    zone: str
    weekday: int
    projects: tuple[Project, ...]
    boards: tuple[Board, ...]
    teams: tuple[str, ...]
    path: tuple[Status, ...]
    finish: tuple[Status, ...]
    estimation: Estimation
    sizes: tuple[int, ...]
    velocity: int
    growth: float
    releases: bool = False


@dataclass(frozen=True, slots=True)
class KanbanTeam:
    project: Project
    board: Board
    zone: str
    teams: tuple[str, ...]
    path: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    name: str
    projects: tuple[tuple[str, str], ...]
    zone: str
    weekday: int
    teams: tuple[str, ...]
    path: tuple[Status, ...]
    finish: tuple[Status, ...]
    columns: tuple[Column, ...]
    estimation: Estimation
    sizes: tuple[int, ...]
    velocity: int
    growth: float
    mirror: tuple[str, tuple[Column, ...]] | None = None


_POINTS = tuple(int(size * POINT) for size in (1, 1, 2, 2, 2, 3, 3, 3, 5, 5, 8))
_HOURS = tuple(int(size * HOUR) for size in (1.5, 2, 4, 4, 6, 8, 8, 12, 16, 24))
_OPEN = (catalog.BACKLOG, catalog.TODO)

_SHAPES: tuple[_Shape, ...] = (
    _Shape(
        name="Storefront",
        projects=(("SHOP", "Web Shop"), ("APP", "Mobile App")),
        zone="Europe/Berlin",
        weekday=0,
        teams=("Frontend", "Backend", "iOS", "Android", "Quality Assurance", "UX Design"),
        path=(catalog.DOING, catalog.REVIEW, catalog.TESTING),
        finish=(catalog.DONE,),
        columns=(
            Column("To Do", _OPEN),
            Column("In Progress", (catalog.DOING,)),
            Column("Review", (catalog.REVIEW,)),
            Column("Testing", (catalog.TESTING,)),
            Column("Done", (catalog.DONE, catalog.RELEASED, catalog.CANCELLED)),
        ),
        estimation=Estimation.STORY_POINTS,
        sizes=_POINTS,
        velocity=50 * POINT,
        growth=0.25,
        mirror=(
            "Storefront Releases",
            (
                Column("Planned", _OPEN),
                Column("In the works", (catalog.DOING, catalog.REVIEW, catalog.TESTING)),
                Column("Waiting for release", (catalog.DONE,)),
                Column("Released", (catalog.RELEASED,)),
            ),
        ),
    ),
    _Shape(
        name="Payments",
        projects=(("PAY", "Payments"), ("INV", "Invoicing")),
        zone="America/New_York",
        weekday=1,
        teams=("Backend", "Security", "Platform", "Quality Assurance", "Technical Writing"),
        path=(catalog.DOING, catalog.REVIEW),
        finish=(catalog.DONE, catalog.READY_TO_SHIP),
        columns=(
            Column("To Do", _OPEN),
            Column("In Progress", (catalog.DOING, catalog.TESTING)),
            Column("Review", (catalog.REVIEW,)),
            Column("Finished", (catalog.READY_TO_SHIP, catalog.DONE)),
        ),
        estimation=Estimation.STORY_POINT_ESTIMATE,
        sizes=_POINTS,
        velocity=42 * POINT,
        growth=-0.1,
    ),
    _Shape(
        name="Data Platform",
        projects=(("DATA", "Data Platform"),),
        zone="Asia/Kolkata",
        weekday=2,
        teams=("Data Engineering", "Analytics", "Platform", "DevOps"),
        path=(catalog.DOING, catalog.TESTING),
        finish=(catalog.DONE,),
        columns=(
            Column("To Do", (*_OPEN, catalog.TRIAGE)),
            Column("Doing", (catalog.DOING, catalog.TESTING)),
            Column("Done", (catalog.DONE,)),
        ),
        estimation=Estimation.STORY_POINTS,
        sizes=_POINTS,
        velocity=37 * POINT,
        growth=0.4,
    ),
    _Shape(
        name="Workplace",
        projects=(("DESK", "Workplace Services"),),
        zone="Europe/Lisbon",
        weekday=0,
        teams=("DevOps", "Security", "Technical Writing", "Platform"),
        path=(catalog.DOING,),
        finish=(catalog.DONE,),
        columns=(
            Column("To Do", _OPEN),
            Column("In Progress", (catalog.DOING,)),
            Column("Done", (catalog.DONE, catalog.CANCELLED)),
        ),
        estimation=Estimation.ORIGINAL_ESTIMATE,
        sizes=_HOURS,
        velocity=125 * HOUR,
        growth=0.05,
    ),
)

# A bigger company has the same tribes again, one set for each of these regions (and then numbered).
_REGIONS: tuple[str, ...] = ("Nordics", "Iberia", "Americas", "Asia", "Africa", "Oceania", "Alps", "Baltics")


def tribes(count: int) -> tuple[Tribe, ...]:
    """The first four are always the same; the others repeat them for further regions."""
    built: list[Tribe] = []
    board_id, project_id = 1, 10000
    for index in range(count):
        shape = _SHAPES[index % len(_SHAPES)]
        suffix, letter = _region(index // len(_SHAPES))
        projects = tuple(
            Project(str(project_id + offset), key + letter, name + suffix, shape.estimation)
            for offset, (key, name) in enumerate(shape.projects)
        )
        boards = _boards(shape, projects, suffix, board_id)
        built.append(_tribe(index, shape, suffix, projects, boards))
        board_id += len(boards)
        project_id += len(projects)
    return tuple(built)


def kanban(count: int, *, first_board: int, first_project: int) -> tuple[KanbanTeam, ...]:
    teams: list[KanbanTeam] = []
    for index in range(count):
        suffix, letter = _region(index)
        project = Project(
            str(first_project + index), "OPS" + letter, "Service Operations" + suffix, Estimation.STORY_POINTS
        )
        columns = (
            Column("Backlog", _OPEN),
            Column("In Progress", (catalog.DOING,)),
            Column("Check", (catalog.REVIEW,)),
            Column("Done", (catalog.DONE,)),
        )
        board_id = first_board + index
        board = Board(
            board_id,
            f"Service Operations{suffix}",
            "kanban",
            str(20000 + board_id),
            (project,),
            columns,
            None,
            board_id,
        )
        teams.append(
            KanbanTeam(
                project,
                board,
                "Europe/Berlin",
                ("DevOps", "Security", "Backend"),
                (catalog.DOING, catalog.REVIEW),
            )
        )
    return tuple(teams)


def _region(number: int) -> tuple[str, str]:
    """A name for the reader and letters for the project key."""
    if number == 0:
        return "", ""
    round_number, position = divmod(number - 1, len(_REGIONS))
    region = _REGIONS[position]
    tail = "" if round_number == 0 else str(round_number + 1)
    return f" {region}{' ' + tail if tail else ''}", region[:2].upper() + tail


def _boards(shape: _Shape, projects: tuple[Project, ...], suffix: str, first: int) -> tuple[Board, ...]:
    own = Board(
        first,
        shape.name + suffix,
        "scrum",
        str(20000 + first),
        projects,
        shape.columns,
        shape.estimation,
        first,
    )
    if shape.mirror is None:
        return (own,)
    name, columns = shape.mirror
    second = first + 1
    return own, Board(
        second, name + suffix, "scrum", str(20000 + second), projects, columns, shape.estimation, first
    )


def _tribe(
    index: int, shape: _Shape, suffix: str, projects: tuple[Project, ...], boards: tuple[Board, ...]
) -> Tribe:
    return Tribe(
        index=index,
        name=shape.name + suffix,
        zone=shape.zone,
        weekday=shape.weekday,
        projects=projects,
        boards=boards,
        teams=shape.teams,
        path=shape.path,
        finish=shape.finish,
        estimation=shape.estimation,
        sizes=shape.sizes,
        velocity=shape.velocity,
        growth=shape.growth,
        releases=shape.mirror is not None,
    )
