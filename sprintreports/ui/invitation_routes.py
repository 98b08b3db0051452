"""Takes the password that somebody chose behind a one-time link: a plain form, as signing in is."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse

from sprintreports.identity import invitations, passwords
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import logs
from sprintreports.ui import said
from sprintreports.ui.entering import own_pages_only, see
from sprintreports.ui.links import address

router = APIRouter(prefix="/session", include_in_schema=False, dependencies=[Depends(own_pages_only)])

Text = Annotated[str, Form(max_length=1000)]


@router.post("/invitation")
async def choose_password(token: Text = "", password: Text = "") -> RedirectResponse:
    """Keep the password, then on to signing in with it: a second factor is asked for there as always."""
    logs.bind_request_id()
    try:
        async with passwords.turn(), transaction() as session:
            await invitations.use(session, token=token, password=password, now=clock.now())
    except SprintReportsError as error:
        # Back to the form with the link, which stays behind the #.
        return see(f"{address('/invitation', said.code_of_error(error))}#{quote(token.strip(), safe='')}")
    return see("/sign-in?problem=set")
