"""Which template an address names: one that is kept, in one of its versions, one of the product, a copy of either, or a new one."""

from dataclasses import dataclass

from sprintreports.kit.errors import NotFound
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import system_templates, templates
from sprintreports.reports.library.reports import TemplateChoice
from sprintreports.reports.library.sizes import LONGEST_NAME
from sprintreports.reports.library.templates import NO_TEMPLATE, TemplateInfo
from sprintreports.reports.templates.layout import Layout
from sprintreports.ui.links import identifier
from sprintreports.ui.reporting import choosing
from sprintreports.ui.session import visit


@dataclass(frozen=True, slots=True)
class Found:
    """What an address names. info None: it is not kept, or comes with the product; choice: what a copy begins from."""

    kind: DocumentKind
    name: str
    layout: Layout
    told: str = ""
    info: TemplateInfo | None = None
    number: int = 0
    choice: TemplateChoice | None = None


async def asked(parameters: dict[str, str]) -> Found:
    """Raises NotFound where an address names no template."""
    here = visit()
    if template_id := identifier(parameters.get("id")):
        info = await templates.one(here.session, here.viewer, template_id)
        number = number_of(parameters["version"], info) if parameters.get("version") else info.versions
        choice = TemplateChoice(template_id=info.id, number=number)
        layout = await templates.chosen(here.session, here.viewer, choice) or Layout()
        told = f"For all, by {info.owner}" if info.shared else "Personal"
        return Found(info.kind, info.name, layout, f"{told}.", info, number, choice)
    if parameters.get("system"):
        given = system_templates.one(parameters["system"])
        choice = TemplateChoice(system=given.key)
        return Found(given.kind, given.name, given.layout, given.description, choice=choice)
    if parameters.get("copy"):
        return await _copy_of(choosing.choice_of(parameters["copy"]))
    if parameters.get("kind") in set(DocumentKind):
        return Found(DocumentKind(parameters["kind"]), "", Layout())
    raise NotFound(NO_TEMPLATE)


async def _copy_of(choice: TemplateChoice) -> Found:
    """What is not kept yet, and says what another template says. Raises NotFound."""
    here = visit()
    if choice.template_id is not None:
        info = await templates.one(here.session, here.viewer, choice.template_id)
        kind, name = info.kind, info.name
    else:
        given = system_templates.one(choice.system or "")
        kind, name = given.kind, given.name
    layout = await templates.chosen(here.session, here.viewer, choice) or Layout()
    return Found(kind, copied(name), layout)


def number_of(text: str, info: TemplateInfo) -> int:
    """A version of the template. Raises NotFound."""
    number = identifier(text)
    if number is None or number > info.versions:
        raise NotFound("This template has no such version. Choose one from its list of versions.")
    return number


def copied(name: str) -> str:
    end = " (copy)"
    return f"{name[: LONGEST_NAME - len(end)]}{end}"
