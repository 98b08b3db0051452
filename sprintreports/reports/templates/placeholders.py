"""Text of one's own with placeholders: a small, closed part of Jinja2 that gives plain text and can neither loop nor compute.

Jinja2's sandbox alone would let `{{ "a" * 10**9 }}` and loops in loops run for long. So what is no placeholder, filter, condition
or comparison is refused before anything runs; attributes are entries of our own mappings and nothing else. What can run is as
long as its text: time and size are bounded by what comes in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.runtime import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.files.cleaning import clean

LONGEST_TEXT = 20_000
LONGEST_RESULT = 100_000
DEEPEST = 40  # conditions and filters within each other; Python itself gives up at some depth, and not the same one everywhere
MOST_ELSES = 40  # of one condition: each is one within the one before
FILTERS = frozenset({"capitalize", "default", "lower", "title", "trim", "upper"})
_LARGEST = 10**15
_TOO_DEEP = "The text has conditions or filters within each other too deep to be read. Make it simpler."
_TESTS = frozenset({"defined", "undefined"})
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.Filter, nodes.If,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Test,
)  # fmt: skip

Values = Mapping[str, Mapping[str, str]]


class _Environment(ImmutableSandboxedEnvironment):
    """Attributes are entries of the mappings that we gave; nothing of Python's objects can be reached."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return str(obj[attribute])  # pyright: ignore[reportUnknownArgumentType]
        return StrictUndefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.getattr(obj, str(argument))


def _environment() -> _Environment:
    made = _Environment(autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True)
    made.globals.clear()
    made.filters = {name: found for name, found in made.filters.items() if name in FILTERS}
    made.tests = {name: found for name, found in made.tests.items() if name in _TESTS or name in {"eq", "ne"}}
    return made


_ENVIRONMENT = _environment()


def known(values: Values) -> list[str]:
    """The placeholders that these values allow: "sprint.name", in order."""
    return sorted(f"{group}.{name}" for group, entries in values.items() for name in entries)


def render(text: str, values: Values, *, field: str = "text") -> str:
    """The text with its placeholders filled in; plain text, whatever it looks like. field: what is named in an error.

    Raises Invalid: not well formed, more than a placeholder, filter or condition, an unknown placeholder, too long.
    """
    tree = _parsed(text, field=field)
    _check(tree, values, field=field)
    return clean(_tried(tree, values, field=field))


def _tried(tree: nodes.Template, values: Values, *, field: str) -> str:
    try:
        return _filled(tree, values, field=field)
    except (TypeError, ValueError, ArithmeticError, TemplateError, RecursionError) as error:
        raise _problem(
            field,
            f"The text cannot be filled in: a filter or comparison does not fit what it is given ({str(error)[:100]}).",
        ) from error


def _filled(tree: nodes.Template, values: Values, *, field: str) -> str:
    parts: list[str] = []
    size = 0
    for part in _ENVIRONMENT.from_string(tree).generate(
        **{name: dict(held) for name, held in values.items()}
    ):
        parts.append(part)
        size += len(part)
        if size > LONGEST_RESULT:
            raise _problem(
                field,
                f"The text with its placeholders is longer than {LONGEST_RESULT:,} characters. Shorten it.",
            )
    return "".join(parts)


def check(text: str, values: Values, *, field: str = "text") -> None:
    """Raises Invalid as `render` does, without values that matter."""
    tree = _parsed(text, field=field)
    _check(tree, values, field=field)
    _tried(tree, values, field=field)


def _parsed(text: str, *, field: str) -> nodes.Template:
    if len(text) > LONGEST_TEXT:
        raise _problem(field, f"The text is longer than {LONGEST_TEXT:,} characters. Shorten it.")
    try:
        return _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        raise _problem(field, f"The text cannot be read at line {error.lineno}: {error.message}.") from error
    except RecursionError as error:
        raise _problem(field, _TOO_DEEP) from error
    except ValueError as error:
        raise _problem(
            field, "The text holds a number that is too long to be read. Write a shorter one."
        ) from error


def _check(tree: nodes.Template, values: Values, *, field: str) -> None:
    for node, depth in _walk(tree):
        line = f" in line {node.lineno}"
        if depth > DEEPEST or (isinstance(node, nodes.If) and len(node.elif_) > MOST_ELSES):
            raise _problem(field, _TOO_DEEP)
        if isinstance(node, nodes.Const) and isinstance(node.value, int) and abs(node.value) > _LARGEST:
            raise _problem(field, f"The number{line} is too long to be read. Write a shorter one.")
        if not isinstance(node, _ALLOWED):
            what = "The text may hold placeholders, conditions and the filters " + ", ".join(sorted(FILTERS))
            raise _problem(field, f"{what}; what stands{line} is none of them.")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise _problem(
                field,
                f"There is no filter {node.name!r} ({line.strip()}). There are {', '.join(sorted(FILTERS))}.",
            )
        if isinstance(node, nodes.Test) and node.name not in _TESTS:
            raise _problem(field, f"What is tested{line} may be 'defined' or 'undefined'.")
        if isinstance(node, nodes.Name):
            raise _unknown(node.name, values, field=field)
        if isinstance(node, nodes.Getattr):
            _check_placeholder(node, values, field=field)


def _check_placeholder(node: nodes.Getattr, values: Values, *, field: str) -> None:
    inner = node.node
    if not isinstance(inner, nodes.Name) or node.attr not in values.get(inner.name, {}):
        name = f"{inner.name}.{node.attr}" if isinstance(inner, nodes.Name) else node.attr
        raise _unknown(name, values, field=field)


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int]]:
    """Every node with its depth, but the names inside placeholders, which are checked with their placeholder. No recursion."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        if not isinstance(node, nodes.Getattr):
            waiting.extend((inner, depth + 1) for inner in node.iter_child_nodes())


def _unknown(name: str, values: Values, *, field: str) -> Invalid:
    return _problem(field, f"There is no placeholder {name[:60]!r}. There are {', '.join(known(values))}.")


def _problem(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, details=(FieldProblem(field, sentence),))
