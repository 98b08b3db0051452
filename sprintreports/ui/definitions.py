"""What each number means, in the words that its popover and the page of definitions share.

docs/metrics.md states the same with edge cases, functions and tests.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """A number's name, its meaning in a sentence or two, and its formula."""

    key: str
    name: str
    meaning: str
    formula: str


_ALL = (
    Definition(
        "commitment",
        "Commitment",
        "What was in the sprint at the moment it started, by the estimates of that moment. Work already done then, and "
        "statuses that the board does not show, are left out. Nothing that happens later changes it.",
        "Sum of the estimates at the start over the issues in scope at the start.",
    ),
    Definition(
        "added",
        "Added",
        "What came into the sprint after it started: added to it, created in it, reopened, or moved onto the board.",
        "Sum of the estimates at entry over the issues that were not in scope at the start.",
    ),
    Definition(
        "removed",
        "Removed",
        "What left the sprint before its end: taken out of it, deleted, or moved to a status that the board does not show.",
        "Sum of the last estimates in scope over the issues that left.",
    ),
    Definition(
        "reestimated",
        "Re-estimated",
        "How much estimates changed while their issues were in the sprint. It is scope change, never progress.",
        "Sum of final minus initial estimate over all issues that were ever in scope.",
    ),
    Definition(
        "completed",
        "Completed",
        "What is in the right-most column of the board (or in a status that its settings choose as done) at the end of the "
        "sprint (or now) and got there after the start. "
        "Work added later counts too.",
        "Sum of the estimates at the end over those issues.",
    ),
    Definition(
        "remaining",
        "Remaining",
        "What is in the sprint and not done now.",
        "Commitment + added − removed ± re-estimated − completed.",
    ),
    Definition(
        "carry_over",
        "Carry-over",
        "What was in the sprint when it closed and was not done.",
        "Commitment + added − removed ± re-estimated − completed.",
    ),
    Definition(
        "outside",
        "Completed outside",
        "Work in the sprint that was done before it started, or in another sprint. It is no part of the commitment.",
        "Sum of the estimates over the issues that were done before the start and stayed so.",
    ),
    Definition(
        "say_do",
        "Say/do",
        "How much of what was promised at the start was delivered. Work that was added counts as delivered, so it can "
        "exceed 100 %.",
        "Completed ÷ commitment. Not known without a commitment.",
    ),
    Definition(
        "churn",
        "Churn",
        "How much the scope moved after the start, measured against the commitment.",
        "(Added + removed) ÷ commitment. Not known without a commitment.",
    ),
    Definition(
        "velocity",
        "Velocity",
        "What a board completes in a sprint, on average over the last sprints that it closed.",
        "Mean of completed over the chosen number of closed sprints.",
    ),
    Definition(
        "median",
        "Median",
        "Half of the sprints completed more than this, half completed less. One odd sprint hardly moves it.",
        "Middle value of completed over the chosen sprints.",
    ),
    Definition(
        "spread",
        "Spread",
        "How far a typical sprint is from the mean. The smaller, the more reliable a plan made from velocity.",
        "Sample standard deviation of completed; known from two sprints on.",
    ),
    Definition(
        "limits",
        "Natural limits",
        "Sprints within these limits vary for ordinary reasons. One outside is worth asking about.",
        "Mean ± 2.66 × mean moving range, not below zero; known from three sprints on.",
    ),
    Definition(
        "burndown",
        "Burndown",
        "Starts with the commitment and falls only when an issue becomes done. Additions, removals and re-estimates are "
        "steps of their own, each naming its issue. The guideline rests on non-working days, or goes by what the teams can do.",
        "Remaining at a moment = estimates in scope and not done at that moment.",
    ),
    Definition(
        "burnup",
        "Burnup",
        "The upper line is all the work in scope, the lower one what is done. The gap is what remains.",
        "Scope and done at a moment, from the same steps as the burndown.",
    ),
    Definition(
        "forecast",
        "Forecast",
        "How likely all that is in scope is completed by the planned end, and how much is completed with a given certainty, as "
        "it could be told at the start, at the end of each working day and now. Only what was known at that moment counts. It "
        "assumes that the scope stays and that days to come are like days that have been. No number is given below three closed "
        "sprints before or five days on which something was completed.",
        "10,000 trials of the working days left, each drawn in blocks of neighbouring days, days without anything completed among "
        "them, from the last seven closed sprints of the board and this one so far. Likely to finish = share of the trials that complete "
        "what remains; more than 95 % is not told apart.",
    ),
    Definition(
        "breakdown",
        "Breakdown",
        "The sprint's scope, split by one property of its issues, as it is now or was when the sprint closed.",
        "Sum of the estimates at the end for each value of the property.",
    ),
    Definition(
        "health",
        "Health",
        "Compares the share of work done with the share of working time gone. More than 25 points behind is off track, "
        "more than 10 is at risk.",
        "Completed ÷ scope against working days gone ÷ working days of the sprint.",
    ),
)

DEFINITIONS = {definition.key: definition for definition in _ALL}
NAMES = {definition.key: definition.name for definition in _ALL}
