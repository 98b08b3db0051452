"""What the sign-in page says: why the last try failed, and where to go after this one."""

from typing import Any

import reflex as rx

from sprintreports.identity import first_run
from sprintreports.ui.links import local_path, number
from sprintreports.ui.session import public, visit

_PROBLEMS = {
    "wrong": "That e-mail address and password do not belong together. Try again, or ask an admin to reset it.",
    "foreign": "That form did not come from this site, so nothing was done. Sign in here.",
    "left": "You are signed out.",
}


class SignIn(rx.State):
    """For visitors: nothing here depends on who they are."""

    message: str = ""
    tone: str = ""
    next: str = ""

    @rx.event
    @public
    async def load(self) -> Any:
        here = visit()
        if here.asker is not None:
            return rx.redirect(local_path(self.router.url.query_parameters.get("next")), replace=True)
        if await first_run.pending(here.session):
            return rx.redirect("/setup", replace=True)
        parameters = self.router.url.query_parameters
        problem = parameters.get("problem", "")
        self.next = local_path(parameters.get("next"))
        self.tone = "info" if problem == "left" else "bad"
        self.message = _PROBLEMS.get(problem, "")
        if problem == "wait":
            seconds = number(parameters.get("seconds"), default=1, lowest=1, highest=3600)
            self.message = f"Too many tries in a short time. Wait {_wait(seconds)} and try again."
        return None


def _wait(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
