"""Errors are sentences for their reader, with a status and a code.

SprintReportsError 500
├── Invalid 422            ├── Unauthenticated 401      ├── Forbidden 403
├── NotFound 404           ├── Conflict 409             ├── TooManyRequests 429
└── UpstreamFailed 502     └── Unavailable 503

A subclass's docstring is its message unless one is given.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of the input."""

    field: str
    message: str


class SprintReportsError(Exception):
    """Something went wrong on our side. The request id helps us to find it in the log."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(self, message: str = "", *, details: tuple[FieldProblem, ...] = ()) -> None:
        self.message: str = message or " ".join((type(self).__doc__ or "").split())
        self.details: tuple[FieldProblem, ...] = details
        super().__init__(self.message)


class Invalid(SprintReportsError):
    """Some of the input is not valid: see the details."""

    status = 422
    code = "VALIDATION_ERROR"


class Unauthenticated(SprintReportsError):
    """Sign in first."""

    status = 401
    code = "UNAUTHENTICATED"


class Forbidden(SprintReportsError):
    """Your role does not allow this. Ask an admin if you need it."""

    status = 403
    code = "FORBIDDEN"


class NotFound(SprintReportsError):
    """This does not exist, or you may not see it."""

    status = 404
    code = "NOT_FOUND"


class Conflict(SprintReportsError):
    """This clashes with what is stored. Load it again and repeat your change."""

    status = 409
    code = "CONFLICT"


class TooManyRequests(SprintReportsError):
    """Too many tries in a short time. Wait a little and try again."""

    status = 429
    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str = "", *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after: int = retry_after


class UpstreamFailed(SprintReportsError):
    """A service that we depend on did not answer as it should."""

    status = 502
    code = "UPSTREAM_FAILED"


class Unavailable(SprintReportsError):
    """This is not available right now. Try again in a moment."""

    status = 503
    code = "UNAVAILABLE"
