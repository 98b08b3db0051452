"""What goes into Jira's form: values to copy, and secrets that the browser alone gets to see, once."""

import reflex as rx

_LIBRARY = "$/public/webhook.jsx"


class Copyable(rx.Component):
    """A value with a button that copies it. `name`: what the button says to screen readers."""

    library = _LIBRARY
    tag = "Copyable"
    name: rx.Var[str]
    value: rx.Var[str]


class Renewal(rx.Component):
    """The button that makes a new secret at the REST address `to`, and shows what is answered.

    The secret goes from there to the eyes: a state would keep it, be sent again on a reload, and may be stored.
    """

    library = _LIBRARY
    tag = "Renewal"
    to: rx.Var[str]
    active: rx.Var[bool]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]


copyable = Copyable.create
renewal = Renewal.create
