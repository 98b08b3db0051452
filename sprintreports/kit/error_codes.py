"""The codes that refusals and failures carry: a closed list, each with its status and what it means."""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """What a program tells refusals apart by. docs/api.md and the OpenAPI document list all of them."""

    status: int
    meaning: str

    def __new__(cls, value: str, status: int, meaning: str) -> Self:
        made = str.__new__(cls, value)
        made._value_ = value
        made.status, made.meaning = status, meaning
        return made

    BAD_REQUEST = "BAD_REQUEST", 400, "the request cannot be read"
    UNAUTHENTICATED = (
        "UNAUTHENTICATED",
        401,
        "no token or key, or one that is wrong, too old, or ended",
    )
    FORBIDDEN = (
        "FORBIDDEN",
        403,
        "the role does not allow it, or the scopes of the key or token do not; a write by cookie from another site",
    )
    NOT_FOUND = "NOT_FOUND", 404, "no such thing, or you may not see it; no such address"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED", 405, "the address knows other methods: see `Allow`"
    NOT_ACCEPTABLE = (
        "NOT_ACCEPTABLE",
        406,
        "`Accept` leaves out what the address answers with, which is JSON nearly everywhere",
    )
    CONFLICT = (
        "CONFLICT",
        409,
        "it clashes with what is stored, such as a Jira that is connected already",
    )
    REQUEST_RUNNING = (
        "REQUEST_RUNNING",
        409,
        "the first request with this `Idempotency-Key` is still being worked on",
    )
    PRECONDITION_FAILED = (
        "PRECONDITION_FAILED",
        412,
        "`If-Match` names a state that is no longer so: read it again, and repeat the change if it still makes sense",
    )
    TOO_LARGE = "TOO_LARGE", 413, "a body of more than 1 MiB"
    UNSUPPORTED_MEDIA_TYPE = (
        "UNSUPPORTED_MEDIA_TYPE",
        415,
        "the body is not of the type that the address takes: say `Content-Type: application/json`",
    )
    VALIDATION_ERROR = (
        "VALIDATION_ERROR",
        422,
        "a field or parameter is unknown, missing, given twice or out of range: `details` names it",
    )
    IDEMPOTENCY_KEY_REUSED = (
        "IDEMPOTENCY_KEY_REUSED",
        422,
        "this `Idempotency-Key` came with another request before: use a new one",
    )
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS", 429, "wait for `Retry-After` seconds"
    INTERNAL_ERROR = "INTERNAL_ERROR", 500, "a bug; the log has the rest under the request id"
    UPSTREAM_FAILED = (
        "UPSTREAM_FAILED",
        502,
        "Jira, or another service that was asked, did not answer as it should; the message says what to do",
    )
    UNAVAILABLE = (
        "UNAVAILABLE",
        503,
        "the database does not answer, or has been asked too much for 15 seconds; a queue could not be made in time",
    )
