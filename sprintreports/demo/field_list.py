"""The answer of /field: what fields the site has and what their types are."""

from sprintreports.demo.catalog import Dialect, FieldIds
from sprintreports.demo.site import Json

_SYSTEM: tuple[tuple[str, str, str, str | None], ...] = (
    ("summary", "Summary", "string", None),
    ("description", "Description", "string", None),
    ("status", "Status", "status", None),
    ("issuetype", "Issue Type", "issuetype", None),
    ("project", "Project", "project", None),
    ("priority", "Priority", "priority", None),
    ("assignee", "Assignee", "user", None),
    ("reporter", "Reporter", "user", None),
    ("creator", "Creator", "user", None),
    ("created", "Created", "datetime", None),
    ("updated", "Updated", "datetime", None),
    ("resolution", "Resolution", "resolution", None),
    ("resolutiondate", "Resolved", "datetime", None),
    ("duedate", "Due date", "date", None),
    ("labels", "Labels", "array", "string"),
    ("components", "Components", "array", "component"),
    ("fixVersions", "Fix versions", "array", "version"),
    ("subtasks", "Sub-tasks", "array", "issuelinks"),
    ("issuelinks", "Linked Issues", "array", "issuelinks"),
    ("timeoriginalestimate", "Original estimate", "number", None),
    ("timeestimate", "Remaining Estimate", "number", None),
    ("timespent", "Time Spent", "number", None),
)


def system_fields(dialect: Dialect) -> list[Json]:
    fields = [_system(field_id, name, kind, items) for field_id, name, kind, items in _SYSTEM]
    if dialect is Dialect.CLOUD:
        fields.append(
            {"id": "parent", "key": "parent", "name": "Parent", "custom": False, "orderable": False, "navigable": True,
             "searchable": False, "clauseNames": ["parent"]}
        )  # fmt: skip
    return fields


def custom_field(field_id: str, name: str, kind: str, plugin: str, *, items: str | None = None) -> Json:
    number = int(field_id.removeprefix("customfield_"))
    schema: Json = {"type": kind, "custom": plugin, "customId": number}
    if items is not None:
        schema["items"] = items
    return {
        "id": field_id, "key": field_id, "name": name, "custom": True, "orderable": True, "navigable": True,
        "searchable": True, "clauseNames": [f"cf[{number}]", name], "schema": schema,
    }  # fmt: skip


def company_fields(dialect: Dialect, ids: FieldIds) -> list[Json]:
    types = "com.atlassian.jira.plugin.system.customfieldtypes"
    software = "com.pyxis.greenhopper.jira"
    estimate_plugin = f"{software}:jsw-story-points" if dialect is Dialect.CLOUD else f"{types}:float"
    sprint_items = "json" if dialect is Dialect.CLOUD else "string"
    return [
        *system_fields(dialect),
        custom_field(ids.sprint, "Sprint", "array", f"{software}:gh-sprint", items=sprint_items),
        custom_field(ids.epic_link, "Epic Link", "any", f"{software}:gh-epic-link"),
        custom_field(ids.epic_name, "Epic Name", "string", f"{software}:gh-epic-label"),
        custom_field(ids.rank, "Rank", "any", f"{software}:gh-lexo-rank"),
        custom_field(ids.story_points, "Story Points", "number", f"{types}:float"),
        custom_field(ids.story_point_estimate, "Story point estimate", "number", estimate_plugin),
        custom_field(ids.owner, "Owner", "user", f"{types}:userpicker"),
        custom_field(ids.discipline, "Discipline Team", "option", f"{types}:select"),
        custom_field(ids.scheduling, "Scheduling", "option", f"{types}:select"),
        custom_field(ids.planned_start, "Planned start", "datetime", f"{types}:datetime"),
        custom_field(ids.planned_end, "Planned end", "datetime", f"{types}:datetime"),
    ]


def _system(field_id: str, name: str, kind: str, items: str | None) -> Json:
    schema: Json = {"type": kind, "system": field_id}
    if items is not None:
        schema["items"] = items
    return {
        "id": field_id, "key": field_id, "name": name, "custom": False, "orderable": True, "navigable": True,
        "searchable": True, "clauseNames": [field_id.lower()], "schema": schema,
    }  # fmt: skip
