"""What every Jira site of the demo has: statuses, issue types, priorities, people's zones and field ids."""

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    CLOUD = "cloud"
    DATACENTER = "datacenter"


class Category(StrEnum):
    NEW = "new"
    INDETERMINATE = "indeterminate"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Status:
    id: str
    name: str
    category: Category
    deleted: bool = False


BACKLOG = Status("10000", "Backlog", Category.NEW)
TODO = Status("10001", "To Do", Category.NEW)
DOING = Status("3", "In Progress", Category.INDETERMINATE)
REVIEW = Status("10002", "In Review", Category.INDETERMINATE)
TESTING = Status("10003", "Testing", Category.INDETERMINATE)
DONE = Status("10004", "Done", Category.DONE)
RELEASED = Status("10005", "Released", Category.DONE)
ON_HOLD = Status("10006", "On Hold", Category.INDETERMINATE)
TRIAGE = Status("10007", "Triage", Category.NEW)
CANCELLED = Status("10008", "Cancelled", Category.DONE)
# A board may call "finished" what Jira's category does not: the right-most column decides, never the category.
READY_TO_SHIP = Status("10009", "Ready to Ship", Category.INDETERMINATE)
# Once used, deleted by an admin since: only changelogs still name it.
VENDOR = Status("10990", "Waiting for Vendor", Category.INDETERMINATE, deleted=True)

STATUSES: tuple[Status, ...] = (
    BACKLOG, TODO, DOING, REVIEW, TESTING, DONE, RELEASED, ON_HOLD, TRIAGE, CANCELLED, READY_TO_SHIP, VENDOR,
)  # fmt: skip
STATUS_BY_ID = {status.id: status for status in STATUSES}


@dataclass(frozen=True, slots=True)
class IssueType:
    id: str
    name: str
    subtask: bool
    level: int


EPIC = IssueType("10100", "Epic", False, 1)
STORY = IssueType("10101", "Story", False, 0)
TASK = IssueType("10102", "Task", False, 0)
BUG = IssueType("10103", "Bug", False, 0)
SUBTASK = IssueType("10104", "Sub-task", True, -1)
ISSUE_TYPES: tuple[IssueType, ...] = (EPIC, STORY, TASK, BUG, SUBTASK)
TYPE_BY_ID = {kind.id: kind for kind in ISSUE_TYPES}

PRIORITIES: tuple[tuple[str, str], ...] = (
    ("1", "Highest"), ("2", "High"), ("3", "Medium"), ("4", "Low"), ("5", "Lowest"),
)  # fmt: skip
PRIORITY_NAME: dict[str, str] = dict(PRIORITIES)
RESOLUTIONS: dict[str, str] = {"10000": "Done", "10001": "Won't Do"}

DISCIPLINES: tuple[str, ...] = (
    "Backend", "Frontend", "iOS", "Android", "Quality Assurance", "DevOps",
    "Data Engineering", "UX Design", "Security", "Platform", "Analytics", "Technical Writing",
)  # fmt: skip
DISCIPLINE_OPTION = {name: str(10300 + index) for index, name in enumerate(DISCIPLINES)}
WINDOW, TARGET, FLEXIBLE = "Maintenance window", "Target date", "Flexible"
SCHEDULING_OPTION = {WINDOW: "10400", TARGET: "10401", FLEXIBLE: "10402"}


class Estimation(StrEnum):
    """Where a project's estimates live. The first two are points in thousandths, the last is seconds."""

    STORY_POINTS = "Story Points"
    STORY_POINT_ESTIMATE = "Story point estimate"
    ORIGINAL_ESTIMATE = "Original estimate"


@dataclass(frozen=True, slots=True)
class FieldIds:
    """The ids of custom fields differ between sites, and so between the dialects here."""

    sprint: str
    epic_link: str
    epic_name: str
    rank: str
    owner: str
    discipline: str
    story_points: str
    story_point_estimate: str
    scheduling: str
    planned_start: str
    planned_end: str

    def estimate(self, estimation: Estimation) -> str:
        if estimation is Estimation.STORY_POINTS:
            return self.story_points
        if estimation is Estimation.STORY_POINT_ESTIMATE:
            return self.story_point_estimate
        return "timeoriginalestimate"


FIELD_IDS: dict[Dialect, FieldIds] = {
    Dialect.CLOUD: FieldIds(
        sprint="customfield_10020",
        epic_link="customfield_10014",
        epic_name="customfield_10011",
        rank="customfield_10019",
        owner="customfield_10050",
        discipline="customfield_10051",
        story_points="customfield_10028",
        story_point_estimate="customfield_10016",
        scheduling="customfield_10060",
        planned_start="customfield_10061",
        planned_end="customfield_10062",
    ),
    Dialect.DATACENTER: FieldIds(
        sprint="customfield_10101",
        epic_link="customfield_10100",
        epic_name="customfield_10102",
        rank="customfield_10105",
        owner="customfield_10210",
        discipline="customfield_10211",
        story_points="customfield_10106",
        story_point_estimate="customfield_10120",
        scheduling="customfield_10220",
        planned_start="customfield_10221",
        planned_end="customfield_10222",
    ),
}

# Who connects: the owner of the token. JQL times without a zone are read in this person's zone.
DEMO_EMAIL = "demo@example.com"
DEMO_TOKEN = "demo-token"  # noqa: S105 - printed for everybody: it opens made-up data
RESTRICTED_TOKEN = "restricted-token"  # noqa: S105 - the same
# What an app that somebody has allowed in (OAuth 2.0, three-legged) sends; Cloud only.
APP_TOKEN = "demo-app-token"  # noqa: S105 - the same
TOKEN_OWNER_ZONE = "Europe/Berlin"  # noqa: S105 - a place
