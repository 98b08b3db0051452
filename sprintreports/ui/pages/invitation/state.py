"""Why the last try did not work. The link itself is never here: it stands behind the #, which only the browser knows."""

import reflex as rx

from sprintreports.ui import said
from sprintreports.ui.session import public


class Invitation(rx.State):
    """For visitors: nothing here depends on who they are."""

    message: str = ""
    over: bool = False  # the link opens nothing any more, so that no password is asked for

    @rx.event
    @public
    async def load(self) -> None:
        parameters = self.router.url.query_parameters
        self.message = said.sentence(parameters)
        self.over = parameters.get("problem") == said.LINK_OVER
