"""Which Jira field means what: guesses with their reasons, confirmed by an admin."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import mapping_setup
from sprintreports.jira.mapping import FieldChoice, FieldMapping, Slot
from sprintreports.jira.mapping_setup import Effect
from sprintreports.ui.components.basics import failure, loading, notice, skeleton
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import local_path
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_NAMES = {
    Slot.POINTS: ("Story points", "What an issue is estimated with."),
    Slot.DISCIPLINE: ("Discipline team", "Which team does the work; reports are broken down by it."),
    Slot.OWNER: ("Stakeholder", "For whom the work is done. Where it is empty, the reporter counts."),
    Slot.SPRINT: ("Sprint", "In which sprints an issue is and was. All numbers rest on it."),
    Slot.EPIC: ("Epic", "Which epic an issue belongs to."),
}
_NONE = "none"
# Jira's types in words. Of those that are missing the names say more than the type.
_KINDS = {
    "number": "number",
    "string": "text",
    "option": "one of a list",
    "list of option": "several of a list",
    "list of string": "labels",
    "user": "person",
    "list of user": "people",
    "group": "group",
    "list of group": "groups",
    "team": "team",
    "date": "date",
    "datetime": "date and time",
    "list of version": "versions",
    "list of component": "components",
}


_FOLLOWS = {
    Effect.NONE: "Kept. Nothing changes in the numbers.",
    Effect.REPLAY: "Kept. Stored issues are read again with it, without asking Jira.",
    Effect.READ: "Kept. A full sync has been queued: it reads fields that were not asked for before.",
}


@dataclass
class SlotLine:
    """One meaning, the field chosen for it, why, and what else could be."""

    slot: str = ""
    name: str = ""
    meaning: str = ""
    chosen: str = ""
    reason: str = ""
    options: list[Option] = field(default_factory=list)


class FieldPicker(PageState, rx.State):
    """The field mapping of the site that the address names."""

    complaint: str = ""
    confirmed: bool = False
    lines: list[SlotLine] = []
    exceptions: list[str] = []

    @rx.event
    @loads(Permission.SETTINGS_WRITE)
    async def load(self) -> None:
        """The stored mapping, or a fresh guess where none has been confirmed."""
        here = visit()
        site = self._site()
        self.complaint = ""
        mapping = await mapping_setup.current(here.session, here.viewer, site)
        if not mapping.confirmed:
            mapping = await mapping_setup.guess(here.session, here.viewer, site, now=here.now)
        self._show(mapping, await mapping_setup.choices(here.session, here.viewer, site))

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def confirm(self, form: dict[str, Any]) -> Any:
        """Keep the choice. Where it means something else than before, what is stored is read again with it."""
        here = visit()
        self.complaint = ""
        changes = {slot.value: _field_of(form.get(slot.value)) for slot in Slot if slot.value in form}
        _, effect = await mapping_setup.confirm(
            here.session, here.viewer, self._site(), changes=changes, now=here.now
        )
        self.confirmed = True
        target = form.get("then")
        if isinstance(target, str) and target:
            return rx.redirect(local_path(target.replace("{site}", str(self._site()))))
        return rx.toast.success(_FOLLOWS[effect], duration=8000)

    def _show(self, mapping: FieldMapping, choices: dict[Slot, list[FieldChoice]]) -> None:
        self.confirmed = mapping.confirmed
        self.lines = [_line(slot, mapping, choices[slot]) for slot in _NAMES]
        names = mapping.names
        self.exceptions = [
            f"{project}: {names.get(field_id, field_id)}"
            for project, field_id in sorted(mapping.points_by_project.items())
        ]
        self._settle(READY)


def fields_panel(*, then: str = "", button: str = "Confirm the mapping") -> rx.Component:
    """One row for each meaning. `then`: where to go afterwards (`{site}`: the site's id); empty: stay."""
    return rx.match(
        FieldPicker.status,
        ("ready", _form(then, button)),
        ("failed", failure(FieldPicker.problem, FieldPicker.problem_id, retry=FieldPicker.load)),
        loading(skeleton(height="320px")),
    )


def _form(then: str, button: str) -> rx.Component:
    return rx.el.form(
        rx.cond(
            FieldPicker.confirmed,
            rx.fragment(),
            notice(
                "These are guesses from your boards and fields. Look at each reason, then confirm.",
                tone="info",
            ),
        ),
        rx.el.div(rx.foreach(FieldPicker.lines, _slot), class_name="stack"),
        rx.cond(
            FieldPicker.exceptions.length() > 0,
            rx.el.div(
                rx.el.h3("Projects that estimate with another field"),
                rx.el.ul(rx.foreach(FieldPicker.exceptions, rx.el.li), class_name="fine"),
            ),
        ),
        rx.el.input(type="hidden", name="then", value=then, read_only=True),
        rx.cond(FieldPicker.complaint != "", notice(FieldPicker.complaint, tone="bad")),
        rx.el.div(rx.el.button(button, type="submit", class_name="button primary"), class_name="row"),
        on_submit=FieldPicker.confirm,
        class_name="stack",
    )


def _slot(line: Any) -> rx.Component:
    identity = "slot-" + line.slot
    return rx.el.div(
        rx.el.div(
            rx.el.label(line.name, html_for=identity),
            rx.el.span(line.meaning, class_name="help"),
            rx.el.select(
                rx.foreach(line.options, lambda option: rx.el.option(option.label, value=option.value)),
                id=identity, name=line.slot, default_value=line.chosen,
            ),
            class_name="field",
        ),
        rx.el.p(rx.el.span("Why: ", class_name="quiet"), line.reason, class_name="fine slot-why"),
        class_name="slot",
    )  # fmt: skip


def _line(slot: Slot, mapping: FieldMapping, choices: list[FieldChoice]) -> SlotLine:
    name, meaning = _NAMES[slot]
    chosen = getattr(mapping, slot.value)
    options = [Option(choice.field_id, _label(choice)) for choice in choices]
    if chosen and chosen not in {option.value for option in options}:
        options.insert(0, Option(chosen, mapping.names.get(chosen, chosen)))
    if slot is not Slot.SPRINT:
        options.insert(0, Option(_NONE, "No such field"))
    return SlotLine(slot.value, name, meaning, chosen or _NONE, mapping.reasons.get(slot.value, ""), options)


def _label(choice: FieldChoice) -> str:
    remarks = [_KINDS.get(choice.kind, ""), "" if choice.fits else "unlikely"]
    remark = ", ".join(filter(None, remarks))
    return f"{choice.name} ({remark})" if remark else choice.name


def _field_of(value: object) -> str | None:
    return None if not isinstance(value, str) or value in {"", _NONE} else value
