"""The algorithms that queues can be made by, with the rules that each heeds and what these can be."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from pydantic import BaseModel, Field

from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.algorithms import registered
from sprintreports.planning.queue.options import Algorithm, Options, Unestimated
from sprintreports.planning.queues.changes import MOST_AMOUNT, Rule
from sprintreports.planning.queues.exports import words

_SAID: Mapping[str, str] = {
    Algorithm.ROUND_ROBIN: "One issue of each stakeholder in turn, as long as something fits.",
    Algorithm.WEIGHTED_FAIR: "Each stakeholder gets a share of the capacity by their weight.",
    Algorithm.PRIORITY: "The most important issue that is free and fits comes next.",
    Algorithm.OPTIMAL: "The choice of issues with the most value within all capacities.",
}
_BOOLEANS, _OPTIMAL = ("true", "false"), frozenset({Algorithm.OPTIMAL})


@dataclass(frozen=True, slots=True)
class _Range:
    """What a rule can be. of: the algorithms that heed it, None: all."""

    said: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    of: frozenset[str] | None = None


_RANGES: Mapping[Rule, _Range] = {
    Rule.SUBTASKS: _Range("plan sub-tasks instead of their parents", choices=_BOOLEANS),
    Rule.UNIT: _Range("what all teams plan in; null: each team in its own", choices=tuple(Unit)),
    Rule.BUFFER: _Range("percent of each capacity that is kept free", 0, 100),
    Rule.CARRY_OVER_FIRST: _Range("what an earlier sprint left over comes first", choices=_BOOLEANS),
    Rule.UNESTIMATED: _Range("what an issue without an estimate weighs", choices=tuple(Unestimated)),
    Rule.SEED: _Range("settles the order of what is equal otherwise", -MOST_AMOUNT, MOST_AMOUNT),
    Rule.SECONDS: _Range("how long it may take; more than 0", 0, 600, of=_OPTIMAL),
    Rule.GAP: _Range("the gap, in millionths, at which it may stop", 0, 1_000_000, of=_OPTIMAL),
}


class RuleOut(BaseModel):
    """A rule, and what it can be: a number from least to most, or one of the choices."""

    rule: Rule
    description: str = Field(examples=["percent of each capacity that is kept free"])
    usual: bool | float | str | None
    least: float | None
    most: float | None
    choices: list[str]


class QueueAlgorithmOut(BaseModel):
    """A way to make a queue."""

    name: str = Field(examples=["round_robin"])
    label: str = Field(examples=["Round-robin"])
    description: str = Field(examples=["One issue of each stakeholder in turn, as long as something fits."])
    plugin: bool = Field(description="it does not come with the product")
    rules: list[RuleOut]


def algorithms() -> list[QueueAlgorithmOut]:
    """All that are registered, those of the product first."""
    usual = Options()
    defaults = {field.name: getattr(usual, field.name) for field in fields(usual)}
    names = [*Algorithm, *sorted(set(registered()) - set(Algorithm))]
    return [
        QueueAlgorithmOut(
            name=str(name),
            label=words.algorithm(name),
            description=_SAID.get(name, "An algorithm that a plugin brings."),
            plugin=name not in set(Algorithm),
            rules=[
                RuleOut(
                    rule=rule,
                    description=found.said,
                    usual=defaults[rule.value],
                    least=found.least,
                    most=found.most,
                    choices=list(found.choices),
                )
                for rule, found in _RANGES.items()
                if found.of is None or name in found.of
            ],
        )
        for name in names
    ]
