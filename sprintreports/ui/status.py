"""What every page's state has: how far it is with its content, and what went wrong."""

import reflex as rx

from sprintreports.ui.links import identifier
from sprintreports.ui.showing import Sparing

IDLE = "idle"
EMPTY = "empty"
FAILED = "failed"
READY = "ready"


class PageState(Sparing, rx.State, mixin=True):
    """`idle` until the first answer (skeletons), then `ready`, `empty` or `failed`. Nothing here is an identity."""

    status: str = IDLE
    problem: str = ""
    problem_id: str = ""

    def _settle(self, status: str) -> None:
        self._put(status=status, problem="", problem_id="")
        if status == READY:
            self._all_put()

    def _site(self) -> int:
        """The site that the address names; 0, which no site has, when it names none."""
        return identifier(self._parameters().get("site")) or 0

    def _parameters(self) -> dict[str, str]:
        return dict(self.router.url.query_parameters)
