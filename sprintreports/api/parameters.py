"""Path and query parameters that several routes share."""

from typing import Annotated

from fastapi import Path, Query

from sprintreports.metrics.values import Unit

_LARGEST_ID = 2**63 - 1

Id = Annotated[int, Path(ge=1, le=_LARGEST_ID)]
OptionalId = Annotated[int | None, Query(ge=1, le=_LARGEST_ID)]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
PerPage = Annotated[int, Query(ge=1, le=100)]
Search = Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
UnitChoice = Annotated[Unit, Query(description="what to add up: story points, hours or issues")]
