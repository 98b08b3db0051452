"""Default deny in front of every event that a socket sends.

Reflex makes each public method of a state a remote handler, lets the built-in `setvar` reach any setter, and
keys a state by a token that the client chooses. So, before any handler runs:

- a handler without a rule (`ui/session.py`) is refused, and so is `setvar`;
- a state belongs to one session cookie: on a page load with another cookie the whole tree starts afresh,
  any other event with another cookie is refused (browsers open a new socket, and so load, when a cookie changes).
"""

from typing import Any

from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from sprintreports.identity import audit
from sprintreports.identity.audit.refusals import told
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.observability import logs
from sprintreports.ui.binding import is_bound, note_cut, start_afresh
from sprintreports.ui.session import RULE

log = logs.get("ui.guard")

_STATE = "reflex___state____state"
FOLLOW = f"{_STATE}.reflex___state____on_load_internal_state.on_load_internal"  # a link within the app
HYDRATE = frozenset({f"{_STATE}.hydrate", f"{_STATE}.hydrate_and_load"})
# What the framework itself sends: none of them sets a variable of ours. `update_vars_internal` and `setvar` do.
FRAMEWORK = HYDRATE | {
    f"{_STATE}.set_is_hydrated",
    FOLLOW,
    f"{_STATE}.reflex___state____on_load_internal_state.set_is_hydrated",
    f"{_STATE}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
}


def rule_of(name: str) -> str | None:
    """The rule that the handler of this full name wears; None when it has none or does not exist."""
    registered = RegistrationContext.ensure_context().event_handlers.get(name)
    return getattr(registered.handler.fn, RULE, None) if registered else None


class Guard(Middleware):
    """Refuses what has no rule and keeps a state with the cookie that it was made for."""

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002
        if event.name not in FRAMEWORK and rule_of(event.name) is None:
            log.warning("event_denied", event_name=event.name)
            await _tell(state, event, "This handler is open to nobody.")
            return StateUpdate()
        if await is_bound(state):
            if event.name == FOLLOW:
                await note_cut(state)
            return None
        if event.name in HYDRATE:
            await start_afresh(state)
            return None
        log.warning("state_of_another_session", event_name=event.name)
        await _tell(state, event, "The page's state belongs to another session.")
        return StateUpdate()


async def _tell(state: BaseState, event: Event, reason: str) -> None:
    """Into the audit log. Names that nobody has registered are a client's invention: they count as one."""
    audit.came_from(state.router.session.client_ip)
    known = event.name in RegistrationContext.ensure_context().event_handlers
    what = event.name if known else "a handler that does not exist"
    await told(transaction, None, what=what, reason=reason, now=clock.now())
