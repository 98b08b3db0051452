"""What a run says about issues that are gone, or that it does not believe to be gone."""

from collections.abc import Sequence


def deleted(count: int) -> str:
    said = (
        "1 issue was deleted in Jira. It has"
        if count == 1
        else f"{count} issues were deleted in Jira. They have"
    )
    return f"{said} left the sprints that are not closed; closed ones keep what was true then."


def hidden(count: int, projects: Sequence[str]) -> str:
    issues = "1 issue is" if count == 1 else f"{count} issues are"
    where = "the project " + projects[0] if len(projects) == 1 else "the projects " + ", ".join(projects)
    return (
        f"{issues} hidden from the account of this connection: it does not see {where} any more. What was last known "
        "still counts, and is out of date from now on. Ask a Jira admin to let the account browse it again."
    )


def back(count: int) -> str:
    said = (
        "1 issue that was deleted or hidden is"
        if count == 1
        else f"{count} issues that were deleted or hidden are"
    )
    return f"{said} there again, and counted as before."


def unanswered(count: int) -> str:
    noun = "issue that a board lists was" if count == 1 else "issues that boards list were"
    return (
        f"{count} {noun} not delivered, asked for twice. What was stored before stays, and the next sync asks again. "
        "If this stays, the search index of Jira is out of date: its admin can rebuild it."
    )


def board_doubted(name: str, count: int, *, short: bool) -> str:
    noun = "issue that it showed before is" if count == 1 else "issues that it showed before are"
    why = " (and Jira counts more issues than it lists)" if short else ""
    return (
        f"The board “{name}”: {count} {noun} missing all at once{why}. This sync does not believe it and keeps them. "
        "The next one looks again, and goes by what it sees if that is the same."
    )


def project_doubted(key: str, count: int) -> str:
    noun = "issue does" if count == 1 else "issues do"
    return (
        f"The project {key}: {count} {noun} not answer any more, all at once. This sync does not believe that they were "
        "deleted and keeps them. The next one looks again, and goes by what it sees if that is the same."
    )
