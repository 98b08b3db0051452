"""Which Jira field means what: guesses with their reasons, tried on real issues, with exceptions, confirmed by an admin."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import mapping_preview, mapping_setup
from sprintreports.jira.errors import JiraError
from sprintreports.jira.mapping import FieldMapping, Slot
from sprintreports.jira.mapping_checks import MOST_OVERRIDES
from sprintreports.jira.mapping_classes import Said
from sprintreports.jira.mapping_preview import Preview
from sprintreports.jira.mapping_setup import Effect
from sprintreports.jira.mapping_values import EXCEPTED, Override
from sprintreports.kit.errors import Invalid
from sprintreports.ui import telling
from sprintreports.ui.connecting import field_lines
from sprintreports.ui.connecting.field_lines import (
    GUESS,
    NONE,
    ExceptionLine,
    MeaningLine,
    SlotLine,
    TriedLine,
)
from sprintreports.ui.connecting.syncing import SyncWatch
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import local_path
from sprintreports.ui.numbers import counted
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_FOLLOWS = {
    Effect.NONE: "Kept. Nothing changes in the numbers.",
    Effect.REPLAY: "Kept. {stored} read again with it, without asking Jira.",
    Effect.READ: "Kept. A full sync has been queued: it reads fields that were not asked for before.",
}


class FieldPicker(PageState, rx.State):
    """The field mapping of the site that the address names, as it is chosen now; nothing is kept until it is confirmed."""

    complaint: str = ""
    confirmed: bool = False
    lines: list[SlotLine] = []
    pattern: str = ""
    meanings: list[MeaningLine] = []
    exceptions: list[ExceptionLine] = []
    found: list[str] = []
    projects: list[Option] = []
    types: list[str] = []
    new_slot: str = ""
    new_fields: list[Option] = []
    tried: list[TriedLine] = []
    basis: str = ""
    consequence: str = ""
    following: bool = False

    @rx.event
    @loads(Permission.SETTINGS_WRITE)
    async def load(self) -> None:
        """The stored mapping, or a fresh guess where none has been confirmed."""
        here = visit()
        site = self._site()
        self.complaint, self.following = "", False
        mapping = await mapping_setup.current(here.session, here.viewer, site)
        if not mapping.confirmed:
            mapping = await mapping_setup.guess(here.session, here.viewer, site, now=here.now)
        choices = await mapping_setup.choices(here.session, here.viewer, site)
        places = await mapping_setup.places(here.session, here.viewer, site)
        self.confirmed = mapping.confirmed
        self.lines = [field_lines.slot_line(slot, mapping, choices[slot]) for slot in field_lines.NAMES]
        self.pattern = mapping.discipline_pattern
        self.meanings = field_lines.kept_meanings(mapping.scheduling_values)
        self.found = field_lines.found_by_project(mapping)
        self.projects = [
            Option(one.key, f"{one.key} ({one.name})" if one.name else one.key) for one in places.projects
        ]
        self.types = list(places.types)
        self._offer(Slot.POINTS.value)
        self._list(mapping.overrides)
        await self._try(mapping)
        self._settle(READY)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def choose(self, slot: str, value: str) -> None:
        """Try another field."""
        self._choose({slot: value})
        await self._try()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def name_like(self, pattern: str) -> None:
        """Try another pattern of team names."""
        self.pattern = pattern.strip()
        await self._try()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def mean(self, place: str, said: str) -> None:
        """Try another meaning of a value of the scheduling field."""
        if said != GUESS and said not in set(Said):
            raise Invalid("Choose what this value means from the list.")
        self.meanings = [
            replace(line, chosen=said) if line.place == place else line for line in self._meanings()
        ]
        await self._try()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def offer(self, slot: str) -> None:
        """The fields that a new exception for this meaning can name."""
        self._offer(slot)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def add(self, form: dict[str, Any]) -> None:
        """One more exception; one for the same issues gives way to it."""
        slot = str(form.get("exception-slot", ""))
        if slot not in EXCEPTED:
            raise Invalid("Choose what is read from another field.")
        project, kind = (_text(form, f"exception-{name}") for name in ("project", "type"))
        if not project and not kind:
            raise Invalid("Name a project, an issue type, or both. For all issues, change the field above.")
        pattern = self.pattern if slot == Slot.DISCIPLINE else ""
        new = Override(Slot(slot), _field_of(form.get("exception-field")), project, kind, pattern)
        kept = [one for one in self._overrides() if one.place != new.place]
        if len(kept) >= MOST_OVERRIDES:
            raise Invalid(f"There can be at most {MOST_OVERRIDES} exceptions. Remove one first.")
        self.complaint = ""
        self._list([*kept, new])
        await self._try()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def remove(self, key: str) -> None:
        self.exceptions = [line for line in self._exceptions() if line.key != key]
        await self._try()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def confirm(self, form: dict[str, Any]) -> Any:
        """Keep the choice. Where it means something else than before, what is stored is read again with it."""
        here = visit()
        self.complaint = ""
        self._choose({slot.value: str(form[slot.value]) for slot in Slot if slot.value in form})
        self.pattern = _text(form, "discipline_pattern")
        mapping, effect = await mapping_setup.confirm(
            here.session,
            here.viewer,
            self._site(),
            changes=self._changes(),
            overrides=self._overrides(),
            pattern=self.pattern,
            values=self._values(),
            now=here.now,
        )
        self.confirmed = True
        self.lines = [
            replace(line, reason=mapping.reasons.get(line.slot, ""), reasoned=line.chosen)
            for line in self._lines()
        ]
        target = form.get("then")
        if isinstance(target, str) and target:
            return rx.redirect(local_path(target.replace("{site}", str(self._site()))))
        stored = await mapping_setup.stored_issues(here.session, self._site())
        told = _FOLLOWS[effect].format(
            stored=f"{counted(stored, 'stored issue')} {'is' if stored == 1 else 'are'}"
        )
        await self._try(mapping)
        self.following = bool(effect)
        return [telling.good(told, seconds=8), SyncWatch.load]

    async def _try(self, mapping: FieldMapping | None = None) -> None:
        """What the choice reads from real issues. Where Jira has to be asked and does not answer, that is said."""
        here = visit()
        try:
            found = await mapping_preview.preview(
                here.session,
                here.viewer,
                self._site(),
                changes=self._changes(),
                overrides=self._overrides() if mapping is None else mapping.overrides,
                pattern=self.pattern,
                values=self._values(),
                now=here.now,
            )
        except JiraError as error:
            self.tried, self.basis, self.consequence = [], error.message, ""
            return
        self._show(found)

    def _show(self, found: Preview) -> None:
        self.lines = [field_lines.with_preview(line, found) for line in self._lines()]
        field = next((line.chosen for line in self._lines() if line.slot == Slot.SCHEDULING), NONE)
        self.meanings = field_lines.meaning_lines(found, field, self._values())
        self.tried = [field_lines.tried_line(one) for one in found.issues]
        self.basis = field_lines.basis_text(found)
        self.consequence = field_lines.follows(found, self._names())
        self._list(self._overrides(), found.reach if found.stored_issues else None)

    def _list(self, overrides: Sequence[Override], reach: Sequence[int] | None = None) -> None:
        names = self._names()
        counts = [None] * len(overrides) if reach is None else list(reach)
        self.exceptions = [
            field_lines.exception_line(override, names, count)
            for override, count in zip(overrides, counts, strict=True)
        ]

    def _names(self) -> dict[str, str]:
        return {option.value: option.label for line in self._lines() for option in line.options}

    def _choose(self, chosen: dict[str, str]) -> None:
        self.lines = [replace(line, chosen=chosen.get(line.slot, line.chosen)) for line in self._lines()]

    def _changes(self) -> dict[str, str | None]:
        return {line.slot: _field_of(line.chosen) for line in self._lines()}

    def _values(self) -> dict[str, str]:
        """What was chosen that values mean, by place."""
        return {line.place: line.chosen for line in self._meanings() if line.chosen != GUESS}

    def _overrides(self) -> list[Override]:
        return [line.override() for line in self._exceptions()]

    def _offer(self, slot: str) -> None:
        self.new_slot = slot if slot in EXCEPTED else Slot.POINTS.value
        self.new_fields = next((line.options for line in self._lines() if line.slot == self.new_slot), [])

    def _lines(self) -> list[SlotLine]:
        """As they are, not as the state hands them out: to build others of."""
        return self.get_value("lines")

    def _meanings(self) -> list[MeaningLine]:
        return self.get_value("meanings")

    def _exceptions(self) -> list[ExceptionLine]:
        return self.get_value("exceptions")


def _field_of(value: object) -> str | None:
    return None if not isinstance(value, str) or value in {"", NONE} else value


def _text(form: dict[str, Any], name: str) -> str:
    return str(form.get(name, "")).strip()
