"""What the sign-in page says: which step comes now, why the last try failed, and where to go after this one."""

from typing import Any

import reflex as rx

from sprintreports.identity import first_run, sessions, sign_in_policy, unfinished
from sprintreports.identity.unfinished import Step
from sprintreports.ui.binding import cookie_value
from sprintreports.ui.links import local_path, number
from sprintreports.ui.session import public, visit

_PROBLEMS = {
    "wrong": "That e-mail address and password do not belong together. Try again, or ask an admin to reset it.",
    "foreign": "That form did not come from this site, so nothing was done. Sign in here.",
    "left": "You are signed out.",
    "set": "Your password is set. Sign in with it.",
    "late": "That took too long, or was done already. Sign in from the beginning.",
    "off": "Signing in with a password is switched off here. Use your company's sign-in.",
    "code": "This code is wrong, too old, or was used already. Wait for the next one and try again.",
}
_INFO = {"left", "set"}
EMERGENCY = "emergency"


class SignIn(rx.State):
    """For visitors: nothing here depends on who they are, besides the step that their browser has come to."""

    message: str = ""
    tone: str = ""
    next: str = ""
    step: str = ""
    local: bool = True

    @rx.event
    @public
    async def load(self) -> Any:
        here = visit()
        parameters = self.router.url.query_parameters
        if here.asker is not None:
            return rx.redirect(local_path(parameters.get("next")), replace=True)
        if await first_run.pending(here.session):
            return rx.redirect("/setup", replace=True)
        problem = parameters.get("problem", "")
        wanted = parameters.get("step", "")
        self.step = await self._step(wanted)
        if wanted and not self.step and not problem:
            problem = "late"
        self.next = local_path(parameters.get("next"))
        self.local = (await sign_in_policy.read(here.session)).local_sign_in
        self.tone = "info" if problem in _INFO else "bad"
        self.message = _PROBLEMS.get(problem, "")
        if problem == "wait":
            seconds = number(parameters.get("seconds"), default=1, lowest=1, highest=3600)
            self.message = f"Too many tries in a short time. Wait {_wait(seconds)} and try again."
        return None

    async def _step(self, wanted: str) -> str:
        """The step of the address, where this browser has come so far."""
        if wanted == EMERGENCY:
            return EMERGENCY
        if wanted not in {Step.CODE.value, Step.ENROLMENT.value}:
            return ""
        here = visit()
        token = cookie_value(self.router.headers.cookie, sessions.cookie_name(unfinished.COOKIE))
        found = await unfinished.resolve(here.session, token, now=here.now)
        return wanted if found is not None and found.step == wanted else ""


def _wait(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
