"""A mapping and its preview as text: pure, for the panel of fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sprintreports.jira.mapping import FieldChoice, FieldMapping, Slot
from sprintreports.jira.mapping_classes import Said, guessed, place_of
from sprintreports.jira.mapping_preview import Preview, Reading, Share, Tried
from sprintreports.jira.mapping_sample import Basis
from sprintreports.jira.mapping_setup import Effect
from sprintreports.jira.mapping_values import Override
from sprintreports.ui.frame_state import Option
from sprintreports.ui.numbers import UNKNOWN, counted, percent, plain, whole

NONE = "none"
NAMES = {
    Slot.POINTS: (
        "Story points",
        "What an issue is estimated with. A board that estimates with a field of its own uses that one.",
    ),
    Slot.DISCIPLINE: ("Discipline team", "Which team does the work; reports are broken down by it."),
    Slot.OWNER: ("Stakeholder", "For whom the work is done. Where it is empty, the reporter counts."),
    Slot.SPRINT: ("Sprint", "In which sprints an issue is and was. All numbers rest on it."),
    Slot.EPIC: ("Epic", "Which epic an issue belongs to."),
    Slot.SCHEDULING: (
        "Scheduling class",
        "Whether plans have an issue at exact times, by a date or in its turn. Where it is empty, a deadline alone counts.",
    ),
    Slot.DEADLINE: ("Deadline", "By when an issue is to be done. A day counts until its end."),
    Slot.PLANNED_START: ("Planned start", "When an issue begins that is to happen at exact times."),
    Slot.PLANNED_END: ("Planned end", "When it ends."),
}
GUESS = "guess"
CLASSES = {
    Said.HARD: "At exact times",
    Said.SOFT: "By its deadline",
    Said.FLEXIBLE: "In its turn",
    Said.NOTHING: "Says nothing of this",
}
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
_BASES = {
    Basis.SPRINTS: "{count} of the latest sprints",
    Basis.UPDATED: "the {count} that changed last",
    Basis.JIRA: "{count} that Jira was asked for just now",
}
_SHOWN = 3
_FOUND_SHOWN = 12


@dataclass
class SlotLine:
    """One meaning, the field chosen for it, why, what else could be, and what real issues hold in it.

    `reasoned`: the choice that the reason speaks of.
    """

    slot: str = ""
    name: str = ""
    meaning: str = ""
    chosen: str = ""
    reason: str = ""
    options: list[Option] = field(default_factory=list)
    share: str = ""
    changed: str = ""
    others: list[str] = field(default_factory=list)
    reasoned: str = ""


@dataclass
class MeaningLine:
    """A value of the scheduling field, how often it was seen, what its words say, and what it is chosen to mean."""

    place: str = ""
    value: str = ""
    seen: str = ""
    guess: str = ""
    chosen: str = GUESS


@dataclass
class ExceptionLine:
    """One exception, as it is kept, and in words. `key`: no two lines of a list have the same."""

    key: str = ""
    slot: str = ""
    field: str = ""
    project: str = ""
    type: str = ""
    pattern: str = ""
    text: str = ""
    reach: str = ""

    def override(self) -> Override:
        chosen = None if self.field == NONE else self.field
        return Override(Slot(self.slot), chosen, self.project, self.type, self.pattern)


@dataclass
class Cell:
    """What is read; `was`: what was read before, where that differs."""

    text: str = ""
    was: str = ""


@dataclass
class TriedLine:
    """A real issue under the mapping that is chosen now."""

    key: str = ""
    type: str = ""
    problem: str = ""
    cells: list[Cell] = field(default_factory=list)


def slot_line(slot: Slot, mapping: FieldMapping, choices: Sequence[FieldChoice]) -> SlotLine:
    name, meaning = NAMES[slot]
    chosen = getattr(mapping, slot.value)
    options = [Option(choice.field_id, _label(choice)) for choice in choices]
    if chosen and chosen not in {option.value for option in options}:
        known = mapping.names.get(chosen, chosen)
        told = known if chosen == "sprint" else f"{known} (no longer in this Jira)"
        options.insert(0, Option(chosen, told))
    if slot is not Slot.SPRINT:
        options.insert(0, Option(NONE, "No such field"))
    reason = mapping.reasons.get(slot.value, "")
    return SlotLine(slot.value, name, meaning, chosen or NONE, reason, options, reasoned=chosen or NONE)


def exception_line(override: Override, names: Mapping[str, str], reach: int | None) -> ExceptionLine:
    """`names`: of fields, by id. `reach`: how many stored issues it holds for; None: nothing is stored yet."""
    chosen = override.field or NONE
    where = " ".join(filter(None, (f"of {override.project}" if override.project else "", f"of the type {override.type}" if override.type else "")))  # fmt: skip
    text = f"{NAMES[override.slot][0]} {where}: " + (
        "none" if override.field is None else names.get(chosen, f"{chosen} (no longer in this Jira)")
    )
    if override.pattern:
        text += f", named like {override.pattern}"
    return ExceptionLine(
        key="|".join(override.place),
        slot=override.slot.value,
        field=chosen,
        project=override.project,
        type=override.type,
        pattern=override.pattern,
        text=f"{text}.",
        reach="" if reach is None else f"Holds for {counted(reach, 'stored issue')}.",
    )


def with_preview(line: SlotLine, preview: Preview) -> SlotLine:
    """The line with what the issues looked at hold in its field."""
    slot = Slot(line.slot)
    shares = preview.shares.get(slot, ())
    own = next((share for share in shares if share.field_id == line.chosen), None)
    names = {option.value: option.label for option in line.options}
    others = [
        f"{names[share.field_id]}: {_filled(share, preview.looked_at)}"
        for share in shares
        if share.field_id != line.chosen and share.field_id in names and "unlikely" not in names[share.field_id]
    ]  # fmt: skip
    count = preview.changed.get(slot, 0)
    return SlotLine(
        line.slot, line.name, line.meaning, line.chosen, line.reason, line.options,
        share=_share(line, own, preview),
        changed=f"Reads {counted(count, 'issue')} otherwise than now." if count else "",
        others=others[:_SHOWN],
        reasoned=line.reasoned,
    )  # fmt: skip


def meaning_lines(preview: Preview, field_id: str, chosen: Mapping[str, str]) -> list[MeaningLine]:
    """The values that were seen in the field, the commonest first, then those that were told what they mean before."""
    shares = preview.shares.get(Slot.SCHEDULING, ())
    seen = next((share.frequent for share in shares if share.field_id == field_id), ())
    lines: dict[str, MeaningLine] = {}
    for value, count in seen:
        place = place_of(value)
        if place not in lines:
            lines[place] = _meaning_line(value, f"in {counted(count, 'issue')}", chosen)
    for place in chosen:
        if place not in lines:
            lines[place] = _meaning_line(place, "in none of the issues looked at", chosen)
    return list(lines.values())


def kept_meanings(chosen: Mapping[str, str]) -> list[MeaningLine]:
    """What values were told to mean, before any issue was looked at."""
    return [_meaning_line(place, "", chosen) for place in chosen]


def _meaning_line(value: str, seen: str, chosen: Mapping[str, str]) -> MeaningLine:
    said = guessed(value)
    told = f"As its words say: {CLASSES[said].lower()}" if said else "Not known: choose what it means"
    return MeaningLine(place_of(value), value, seen, told, chosen.get(place_of(value), GUESS))


def tried_line(tried: Tried) -> TriedLine:
    before, after = _cells(tried.before), _cells(tried.after)
    cells = [Cell(now, was if was != now else "") for was, now in zip(before, after, strict=True)]
    return TriedLine(tried.key, tried.type, tried.after.problem, cells)


def basis_text(preview: Preview) -> str:
    """Which issues were looked at."""
    if not preview.looked_at:
        return "There are no issues to try this on yet."
    told = _BASES[preview.basis].format(count=counted(preview.looked_at, "issue"))
    return f"Tried on {told}; what differs from now comes first, with the old value struck through."


def follows(preview: Preview, names: Mapping[str, str]) -> str:
    """What confirming leads to."""
    if preview.effect is Effect.REPLAY:
        return f"Confirming reads {counted(preview.stored_issues, 'stored issue')} again, without a call to Jira."
    if preview.effect is Effect.READ:
        missing = ", ".join(f"“{names.get(one, one)}”" for one in preview.new_fields)
        return f"Confirming starts a full sync, since {missing} has not been read before."
    if not preview.stored_issues:
        return "Nothing is stored yet: the first sync uses what you confirm."
    return "Confirming changes nothing in the numbers."


def found_by_project(mapping: FieldMapping) -> list[str]:
    """What projects' boards estimate with, where that differs; of many the first."""
    names = mapping.names
    found = [f"{key}: {names.get(one, one)}" for key, one in sorted(mapping.points_by_project.items())]
    more = len(found) - _FOUND_SHOWN
    return [*found[:_FOUND_SHOWN], f"And {counted(more, 'more project')}."] if more > 0 else found


def _label(choice: FieldChoice) -> str:
    remarks = [_KINDS.get(choice.kind, ""), "" if choice.fits else "unlikely"]
    remark = ", ".join(filter(None, remarks))
    return f"{choice.name} ({remark})" if remark else choice.name


def _share(line: SlotLine, own: Share | None, preview: Preview) -> str:
    if not preview.looked_at or line.chosen == NONE:
        return ""
    if own is not None:
        told = _filled(own, preview.looked_at)
        return f"{told[0].upper()}{told[1:]}."
    filled = preview.filled.get(Slot(line.slot), 0)
    if line.slot in (Slot.SPRINT, Slot.EPIC) and filled:
        return f"Filled in {percent(filled / preview.looked_at)} of {counted(preview.looked_at, 'issue')}."
    return f"Empty, or not of this kind, in all of {counted(preview.looked_at, 'issue')}."


def _filled(share: Share, looked_at: int) -> str:
    values = ", ".join(f"{value} ({whole(count)})" for value, count in share.frequent[:_SHOWN])
    frequent = f"; {counted(share.distinct, 'value')}, most frequent {values}" if values else ""
    return f"filled in {percent(share.filled / looked_at)} of {counted(looked_at, 'issue')}{frequent}"


def _cells(reading: Reading) -> tuple[str, str, str, str, str]:
    if reading.problem:
        return UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN
    stakeholder = reading.stakeholder or UNKNOWN
    return (
        plain(None if reading.points is None else reading.points / 1000),
        reading.team or UNKNOWN,
        stakeholder if reading.is_owner or not reading.stakeholder else f"{stakeholder} (reporter)",
        ", ".join(reading.sprints) or UNKNOWN,
        _timing(reading) or UNKNOWN,
    )


def _timing(reading: Reading) -> str:
    """Whatever is said, in the fields' own words: "Fixed (at exact times), from 2026-03-24 09:00 UTC"."""
    kind = CLASSES[reading.scheduling_class].lower() if reading.scheduling_class else "not known"
    parts = (
        f"{reading.scheduling} ({kind})" if reading.scheduling else "",
        f"due {_at(reading.deadline)}" if reading.deadline else "",
        f"from {_at(reading.planned_start)}" if reading.planned_start else "",
        f"until {_at(reading.planned_end)}" if reading.planned_end else "",
    )
    return ", ".join(filter(None, parts))


def _at(text: str) -> str:
    """A day as it is; a moment to the minute."""
    day, _, clock = text.partition("T")
    return f"{day} {clock[:5]}{' UTC' if clock.endswith('+00:00') else ''}" if clock else day
