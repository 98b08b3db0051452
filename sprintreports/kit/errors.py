"""Errors are sentences for their reader, with a status and a code.

SprintReportsError 500
├── Invalid 422            ├── Unauthenticated 401      ├── Forbidden 403
├── NotFound 404           ├── Conflict 409             ├── TooManyRequests 429
├── Outdated 412           ├── UpstreamFailed 502
└── Unavailable 503

A subclass's docstring is its message unless one is given.
"""

from dataclasses import dataclass
from typing import ClassVar

from sprintreports.kit.error_codes import Code


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of the input."""

    field: str
    message: str


class SprintReportsError(Exception):
    """Something went wrong on our side. The request id helps us to find it in the log."""

    status: ClassVar[int] = 500
    code: ClassVar[Code] = Code.INTERNAL_ERROR

    def __init__(self, message: str = "", *, details: tuple[FieldProblem, ...] = ()) -> None:
        self.message: str = message or " ".join((type(self).__doc__ or "").split())
        self.details: tuple[FieldProblem, ...] = details
        super().__init__(self.message)


class Invalid(SprintReportsError):
    """Some of the input is not valid: see the details."""

    status = 422
    code = Code.VALIDATION_ERROR


class Unauthenticated(SprintReportsError):
    """Sign in first."""

    status = 401
    code = Code.UNAUTHENTICATED


class Forbidden(SprintReportsError):
    """Your role does not allow this. Ask an admin if you need it."""

    status = 403
    code = Code.FORBIDDEN


class NotFound(SprintReportsError):
    """This does not exist, or you may not see it."""

    status = 404
    code = Code.NOT_FOUND


class Conflict(SprintReportsError):
    """This clashes with what is stored. Load it again and repeat your change."""

    status = 409
    code = Code.CONFLICT


class Outdated(SprintReportsError):
    """Somebody changed this since you read it. Read it again, and repeat your change if it still makes sense."""

    status = 412
    code = Code.PRECONDITION_FAILED


class TooManyRequests(SprintReportsError):
    """Too many tries in a short time. Wait a little and try again."""

    status = 429
    code = Code.TOO_MANY_REQUESTS

    def __init__(self, message: str = "", *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after: int = retry_after


class UpstreamFailed(SprintReportsError):
    """A service that we depend on did not answer as it should."""

    status = 502
    code = Code.UPSTREAM_FAILED


class Unavailable(SprintReportsError):
    """This is not available right now. Try again in a moment."""

    status = 503
    code = Code.UNAVAILABLE
