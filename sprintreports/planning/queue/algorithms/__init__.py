"""The ways to deal a queue: one interface, one file each, and a register that a plugin can add to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event

from sprintreports.kit.errors import Invalid
from sprintreports.planning.queue.algorithms import optimal, priority, round_robin, weighted_fair
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.options import Algorithm
from sprintreports.planning.queue.results import Bound

#: Deals what is open at the table, phase by phase. Returns a bound if it knows one; heeds the event (cancelled).
Dealer = Callable[[Deal, Event], Bound | None]

_DEALERS: dict[str, Dealer] = {
    Algorithm.ROUND_ROBIN: round_robin.deal,
    Algorithm.WEIGHTED_FAIR: weighted_fair.deal,
    Algorithm.PRIORITY: priority.deal,
    Algorithm.OPTIMAL: optimal.deal,
}


def register(name: str, dealer: Dealer) -> None:
    """Add an algorithm under a name of its own. Raises Invalid if the name is taken."""
    if name in _DEALERS:
        raise Invalid(f"There is an algorithm named {name} already. Give yours another name.")
    _DEALERS[name] = dealer


def forget(name: str) -> None:
    """Take a plugin's algorithm out again."""
    if name in set(Algorithm):
        raise Invalid(f"{name} belongs to the product and stays.")
    _DEALERS.pop(name, None)


def dealer_of(name: str) -> Dealer:
    """The algorithm of this name. Raises Invalid with the names there are."""
    dealer = _DEALERS.get(name)
    if dealer is None:
        raise Invalid(
            f"There is no algorithm named {name[:40]}. Choose one of {', '.join(sorted(_DEALERS))}."
        )
    return dealer


def registered() -> Mapping[str, Dealer]:
    """All algorithms by name."""
    return dict(_DEALERS)
