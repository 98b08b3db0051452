"""Templates as the options of a select: "system:key" for those of the product, "12:3" for version 3 of template 12."""

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import NotFound
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import system_templates, templates
from sprintreports.reports.library.reports import USUAL, TemplateChoice
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier

_MOST = 100
_SYSTEM = "system:"
#: In addresses: the usual order, whatever template the report has.
USUAL_ORDER = "usual"


async def options(
    session: AsyncSession, viewer: Viewer, kind: DocumentKind, *, chosen: TemplateChoice = USUAL
) -> list[Option]:
    """What a report of this kind can be laid out by; what it is laid out by already stays among them."""
    # The usual order is an option of its own, so what says no more than that is none.
    given = [one for one in system_templates.of_kind(kind) if one.layout.pieces or one.key == chosen.system]
    found = [Option(f"{_SYSTEM}{one.key}", one.name) for one in given]
    own = await templates.listing(session, viewer, kind=kind, per_page=_MOST)
    found += [Option(f"{one.id}:{one.versions}", one.name) for one in own.items]
    value = text_of(chosen)
    if value and all(one.value != value for one in found):
        found.append(Option(value, f"As it was made (version {chosen.number})"))
    return found


def choice_of(text: str) -> TemplateChoice:
    """What an option means; empty: the usual order. Raises NotFound."""
    if text in {"", USUAL_ORDER}:
        return USUAL
    if text.startswith(_SYSTEM):
        return TemplateChoice(system=text.removeprefix(_SYSTEM))
    template, _, number = text.partition(":")
    ids = identifier(template), identifier(number)
    if None in ids or (ids[1] or 0) >= 2**31:
        raise NotFound("There is no such template. Choose one from the list.")
    return TemplateChoice(template_id=ids[0], number=ids[1])


def text_of(choice: TemplateChoice) -> str:
    if choice.system is not None:
        return f"{_SYSTEM}{choice.system}"
    return "" if choice.template_id is None else f"{choice.template_id}:{choice.number}"
