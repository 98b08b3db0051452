"""Structured logs with request ids, redacted before they are written."""

import logging
import re
import secrets
import sys
from collections.abc import Iterable
from typing import cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from sprintreports.settings import settings

_SECRET_KEY = re.compile(
    r"(password|secret|token|cookie|authorization|api_?key|otp|credential)", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?(?:basic|bearer)\s+|bearer\s+|basic\s+"
    r"|/api/v1/webhooks/jira/[^/\s]+/|/api/v1/mail-opt-outs/|(?:set-)?cookie['\"]?\s*[:=]\s*['\"]?|sprintreports_(?:session|sign_in|sso_\w*)=|password=|token=|secret=)"
    r"[^\s'\";,&}]+"
)
# What we hand out ourselves, wherever it stands: keys, refresh tokens, codes and clients' secrets, and signed tokens.
_OWN = re.compile(r"\bsr[akrsfl]_[A-Za-z0-9_-]{40,}|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_MASK = "[redacted]"


def redact(text: str) -> str:
    """The text without what looks like a credential."""
    return _OWN.sub(_MASK, _SECRET_TEXT.sub(lambda match: match.group(1) + _MASK, text))


def _redact_event(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if _SECRET_KEY.search(key):
            event[key] = _MASK
        elif isinstance(value, str):
            event[key] = redact(value)
    return event


class _RedactFilter(logging.Filter):
    """Redacts what libraries log by themselves: Reflex prints an event's cookies on an error."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = None
        return True


def _processors() -> Iterable[Processor]:
    yield structlog.contextvars.merge_contextvars
    yield structlog.processors.add_log_level
    yield structlog.processors.TimeStamper(fmt="iso", utc=True)
    yield structlog.processors.format_exc_info
    yield _redact_event
    if settings().log_json:
        yield structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        yield structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def configure(level_name: str = "") -> None:
    """Set up logging for this process. Called once, by a door; a command that talks to a person says WARNING."""
    level = logging.getLevelNamesMapping().get((level_name or settings().log_level).upper(), logging.INFO)
    structlog.configure(
        processors=list(_processors()),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(message)s")
    for handler in logging.getLogger().handlers:
        if not any(isinstance(existing, _RedactFilter) for existing in handler.filters):
            handler.addFilter(_RedactFilter())


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose entries carry `component=<name>` and the request id of the moment."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(component=name))


def new_request_id() -> str:
    return f"req_{secrets.token_hex(8)}"


def bind_request_id(request_id: str | None = None) -> str:
    """Bind a request id (a new one unless given) to this task's log entries, and return it."""
    chosen = request_id or new_request_id()
    structlog.contextvars.bind_contextvars(request_id=chosen)
    return chosen


def request_id() -> str:
    """The request id of this task, or an empty string outside any door."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
