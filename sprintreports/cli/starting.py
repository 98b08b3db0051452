"""What a start looks at before anything else: a setting that cannot be meant ends it with a sentence."""

import asyncio

from pydantic import ValidationError

from sprintreports.kit import http, outgoing, trust


def check_first() -> None:
    """For a process that has no event loop yet. Raises Unavailable, or NotTrusted."""
    outgoing.from_environment()
    http.authorities()
    asyncio.run(trust.check_redis())


def about(error: ValidationError) -> list[str]:
    """A line for each setting that cannot be read, without its value, which may be a secret."""
    return [
        f"SPRINTREPORTS_{'_'.join(map(str, problem['loc'])).upper()} cannot be read. "
        f"{problem['msg'].removeprefix('Value error, ').rstrip('.')}."
        for problem in error.errors(include_input=False, include_url=False)
    ]
