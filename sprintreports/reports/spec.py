"""What a report is about, as it is stored and sent: small values that JSON can hold, told apart by their `kind`."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from sprintreports.metrics.values import Unit


class Frozen(msgspec.Struct, frozen=True, tag="baseline", tag_field="state", forbid_unknown_fields=True):
    """A stored baseline."""

    baseline_id: int


class Live(msgspec.Struct, frozen=True, tag="sprint", tag_field="state", forbid_unknown_fields=True):
    """A sprint on a board (default: its origin board) as it is now, or as it was at a past moment."""

    sprint_id: int
    board_id: int | None = None
    moment: datetime | None = None


State: TypeAlias = Frozen | Live


class BaselineSpec(msgspec.Struct, frozen=True, tag="baseline", tag_field="kind", forbid_unknown_fields=True):
    """The report of one state."""

    of: State
    unit: Unit | None = None  # None: the board's


class ComparisonSpec(
    msgspec.Struct, frozen=True, tag="comparison", tag_field="kind", forbid_unknown_fields=True
):
    """What changed from one state to another; of one sprint, or of two."""

    before: State
    after: State
    unit: Unit | None = None


class TrendSpec(msgspec.Struct, frozen=True, tag="trend", tag_field="kind", forbid_unknown_fields=True):
    """Several sprints side by side: those named, or the last ones of each board. teams: disciplines; empty: all."""

    boards: tuple[int, ...] = ()
    sprints: tuple[int, ...] = ()
    last: int = 12
    teams: tuple[int, ...] = ()
    unit: Unit | None = None


class ReviewSpec(msgspec.Struct, frozen=True, tag="review", tag_field="kind", forbid_unknown_fields=True):
    """A sprint at its close: commitment against delivery."""

    sprint_id: int
    board_id: int | None = None
    unit: Unit | None = None


Spec: TypeAlias = BaselineSpec | ComparisonSpec | TrendSpec | ReviewSpec
