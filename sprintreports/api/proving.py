"""Whether whoever asks showed lately that it is they: before what gives a way in is made or changed."""

from fastapi import Request

from sprintreports.api.door import Asked
from sprintreports.identity import proof, sessions


async def proved(request: Request, asked: Asked) -> None:
    """Raises ProofNeeded unless the session's owner gave their password, or got this token, in the last ten minutes."""
    bearer = request.headers.get("authorization")
    lately = await proof.lately(
        asked.session,
        cookie=sessions.cookie_of(request.cookies),
        access_token=None if bearer is None else bearer.partition(" ")[2].strip(),
        now=asked.now,
    )
    if not lately:
        raise proof.ProofNeeded
