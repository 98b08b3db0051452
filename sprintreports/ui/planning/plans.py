"""Plans in words, and who may change them: what the pages of queues and the planner's panels share."""

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Forbidden
from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.options import Algorithm
from sprintreports.planning.queue.results import Fairness
from sprintreports.planning.queue.values import Scheduling
from sprintreports.planning.queues.exports.lines import shown
from sprintreports.planning.queues.states import QueueState
from sprintreports.planning.queues.versions import Summary
from sprintreports.ui.links import address
from sprintreports.ui.numbers import UNKNOWN, counted, plain, short_unit

LEDGER, PLANNER = "/queues", "/planner"
STATES = {
    QueueState.DRAFT: ("Draft", "info"),
    QueueState.ACTIVE: ("Active", "good"),
    QueueState.COMPLETED: ("Completed", ""),
    QueueState.ARCHIVED: ("Archived", ""),
}
ALGORITHMS = {
    Algorithm.ROUND_ROBIN: (
        "Round-robin",
        "Stakeholders take turns: in each round everybody with something that fits gets one issue.",
    ),
    Algorithm.WEIGHTED_FAIR: (
        "Weighted fair",
        "Stakeholders get shares of each team's capacity by their weights, so that large issues use up more of a turn.",
    ),
    Algorithm.PRIORITY: (
        "Priority",
        "The most important issue comes first, whoever asked for it; one that does not fit is passed over.",
    ),
    Algorithm.OPTIMAL: (
        "Optimal",
        "The choice of issues with the most value within all capacities, and a proof of how good it is.",
    ),
}
TONES = {Scheduling.HARD: "bad", Scheduling.SOFT: "warn", Scheduling.FLEXIBLE: ""}


def may_plan(viewer: Viewer, board_id: int) -> bool:
    """Whether the viewer may change the queues of this board: a plan is one for all of its teams."""
    try:
        viewer.require(Permission.QUEUES_WRITE, board_id=board_id)
    except Forbidden:
        return False
    return True


def planner(queue_id: int) -> str:
    """Where a queue is planned."""
    return address(PLANNER, queue=queue_id)


def algorithm_name(algorithm: str) -> str:
    """As people call it; a plugin's by its own name."""
    known = {str(one): words[0] for one, words in ALGORITHMS.items()}
    return known.get(algorithm) or algorithm.replace("_", " ").capitalize()


def algorithm_words(algorithm: str) -> str:
    """What it does, in a sentence."""
    known = {str(one): words[1] for one, words in ALGORITHMS.items()}
    return known.get(algorithm, "It comes from a plugin of this installation.")


def fairness_text(index: float | None) -> str:
    """ "96": Jain's index x 100; an em dash where nothing was dealt."""
    return UNKNOWN if index is None else f"{index:.0f}"


def wait_text(fairness: Fairness) -> str:
    """ "2 rounds"."""
    return counted(fairness.wait, "round") if fairness.wait else UNKNOWN


def load_text(value: int, unit: Unit) -> str:
    """An integer of its unit, short: "13 pts", "7.5 h", "4 issues"."""
    number = shown(value, unit)
    return f"{plain(number)} {short_unit(number, unit)}"


def share_text(part: int, whole: int) -> str:
    """ "86 %"; an em dash of nothing."""
    return f"{plain(round(100 * part / whole))} %" if whole > 0 else UNKNOWN


def conflicts_text(summary: Summary) -> str:
    """ "2 errors, 1 warning"; "none"."""
    said = [
        counted(count, word)
        for count, word in ((summary.errors, "error"), (summary.warnings, "warning"))
        if count
    ]
    return ", ".join(said) or "none"
