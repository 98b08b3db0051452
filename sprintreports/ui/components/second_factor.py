"""Setting up an authenticator app, and the codes for when it is lost: between the browser and its owner's eyes alone.

What is shown comes by a request of the browser's own: a state would keep it, be sent again on a reload, and may be stored.
"""

import reflex as rx

_LIBRARY = "$/public/second_factor.jsx"


class Enrol(rx.Component):
    """Asks the address `to` for a secret, and confirms it with the app's first code. `begins`: without being asked to."""

    library = _LIBRARY
    tag = "Enrol"
    to: rx.Var[str]
    label: rx.Var[str]
    kept: rx.Var[str]
    begins: rx.Var[bool]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]


class NewCodes(rx.Component):
    """The button that makes new recovery codes at the address `to`, and shows them."""

    library = _LIBRARY
    tag = "NewCodes"
    to: rx.Var[str]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]


enrol = Enrol.create
new_codes = NewCodes.create
