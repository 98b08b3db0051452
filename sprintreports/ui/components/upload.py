"""A field for a JSON file that the browser sends to our own REST interface, with the session's cookie."""

import reflex as rx


class JsonUpload(rx.Component):
    """Puts the chosen file to the address `to`; a refusal is told below the field."""

    library = "$/public/upload.jsx"
    tag = "JsonUpload"
    to: rx.Var[str]
    label: rx.Var[str]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]


json_upload = JsonUpload.create
