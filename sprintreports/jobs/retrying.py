"""When a job is tried again: by what it says itself, after a stop of the worker, and a few times after the unforeseen."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job

from sprintreports.jira.client.pace import back_off
from sprintreports.kit import clock

MAX_ATTEMPTS = 6
GRACE_SECONDS = (
    5.0  # for a stopping worker; a page takes less, and what takes longer is resumed from the page before
)
_FIRST_WAIT = 10.0
_LONGEST_WAIT = 900.0


class TryAgain(Exception):
    """The job could not finish for a reason that may pass. `wait`: seconds that somebody asked us to wait."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait: float | None = wait


class Retrying(BaseRetryStrategy):
    """Exponential waits with jitter; a job that the worker's stop interrupted goes back in line at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=clock.now())
        if job.attempts >= MAX_ATTEMPTS or not isinstance(exception, Exception):
            return None
        wait = wait_after(job.attempts + 1)
        if isinstance(exception, TryAgain) and exception.wait is not None:
            wait = max(wait, exception.wait)
        return RetryDecision(retry_at=clock.now() + timedelta(seconds=min(wait, _LONGEST_WAIT * 4)))


def wait_after(attempt: int) -> float:
    """Seconds before the next try: 5-10, 10-20, 20-40 … at most a quarter of an hour."""
    scale = _FIRST_WAIT * 2 ** (attempt - 1)
    return min(scale, _LONGEST_WAIT) * (back_off(1) / 0.5)


@contextmanager
def stoppable(context: JobContext) -> Generator[None]:
    """A job that somebody stopped ends; one that the worker's stop interrupted goes back in line."""
    try:
        yield
    except asyncio.CancelledError as error:
        if context.abort_reason() is AbortReason.USER_REQUEST:
            raise JobAborted from error
        raise
