"""The part of JQL that a reader of sprints needs, parsed properly; anything else is refused as Jira refuses it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from sprintreports.demo.site import Row

Predicate = Callable[[Row], bool]


class JqlError(Exception):
    """The query cannot be understood or asks for something that does not exist."""


class _Kind(StrEnum):
    WORD = "word"
    STRING = "string"
    OPERATOR = "operator"
    END = "end"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What to select and how to sort; `where` None means everything (an unbounded query)."""

    where: Predicate | None
    order: tuple[Order, ...]

    @property
    def projects(self) -> frozenset[str] | None:
        """The projects that everything selected is of, by key or id; None: it may be of any."""
        return _projects_of(self.where)

    @property
    def ids(self) -> frozenset[int] | None:
        """The issues that alone can be selected; None: it may be any."""
        return _ids_of(self.where)

    def select(self, rows: Sequence[Row]) -> list[Row]:
        """Sorted; ties are broken by id, so that pages are stable."""
        found = list(rows) if self.where is None else [row for row in rows if self.where(row)]
        found.sort(key=lambda row: row.id, reverse=not self.order)
        for order in reversed(self.order):
            found.sort(key=_SORT[order.field], reverse=order.descending)
        return found


_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<operator>>=|<=|!=|!~|[()=<>~,])
    |(?P<word>[\w.\-\[\]:/]+))""",
    re.VERBOSE,
)
_SORT: dict[str, Callable[[Row], Any]] = {
    "key": lambda row: (row.project_key, row.number),
    "issuekey": lambda row: (row.project_key, row.number),
    "id": lambda row: row.id,
    "created": lambda row: row.created,
    "updated": lambda row: row.updated,
    "rank": lambda row: row.rank,
    "priority": lambda row: row.priority,
    "project": lambda row: row.project_key,
}  # fmt: skip
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    ">=": lambda left, right: left >= right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    "<": lambda left, right: left < right,
}
_DATE_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


def parse(text: str, *, filters: Callable[[str], str | None], zone: str) -> Query:
    """`filters` gives the JQL of a saved filter; dates without a zone are read in `zone`. Raises JqlError."""
    return _Parser(_tokens(text), filters, zone).query()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise JqlError(
                f"Error in the JQL Query: The character at position {position + 1} is not allowed here."
            )
        kind, value = _Kind(match.lastgroup), match.group(match.lastgroup)
        if kind is _Kind.STRING:
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.append(_Token(kind, value, match.start(match.lastgroup)))
        position = match.end()
    found.append(_Token(_Kind.END, "", len(text)))
    return found


class _Parser:
    def __init__(self, tokens: list[_Token], filters: Callable[[str], str | None], zone: str) -> None:
        self._tokens = tokens
        self._next = 0
        self._filters = filters
        self._zone = ZoneInfo(zone)
        self._zone_name = zone

    def query(self) -> Query:
        where = None if self._at_word("order") or self._peek().kind is _Kind.END else self._conjunction()
        order = self._order()
        if self._peek().kind is not _Kind.END:
            self._refuse(self._peek(), "expecting either 'AND' or the end of the query")
        return Query(where, order)

    def _conjunction(self) -> Predicate:
        parts = [self._term()]
        while self._at_word("and"):
            self._take()
            parts.append(self._term())
        if len(parts) == 1:
            return parts[0]
        return _All(tuple(parts))

    def _term(self) -> Predicate:
        if self._peek().text == "(" and self._peek().kind is _Kind.OPERATOR:
            self._take()
            inside = self._conjunction()
            self._expect(")")
            return inside
        return self._clause()

    def _clause(self) -> Predicate:
        field = self._take()
        if field.kind not in (_Kind.WORD, _Kind.STRING):
            self._refuse(field, "expecting a field name")
        name = field.text.lower()
        if name in ("created", "updated", "createddate", "updateddate"):
            return self._date_clause(name[:7])
        if name not in ("filter", "project", "key", "issuekey", "issue", "id", "sprint", "status"):
            raise JqlError(f"Field '{field.text}' does not exist or you do not have permission to view it.")
        values = self._values()
        if name == "filter":
            return self._saved(values)
        if name == "project":
            return _InProjects(frozenset(value.upper() for value in values))
        if name == "status":
            statuses = frozenset(str(self._integer(value, "status")) for value in values)
            return lambda row: row.status in statuses
        if name == "sprint":
            sprints = frozenset(self._integer(value) for value in values)
            return lambda row: not sprints.isdisjoint(row.sprints)
        ids = frozenset(int(value) for value in values if value.isdigit())
        return _IsOneOf(ids, frozenset(value.upper() for value in values if not value.isdigit()))

    def _date_clause(self, name: str) -> Predicate:
        operator = self._take()
        compare = _COMPARE.get(operator.text)
        if compare is None:
            self._refuse(operator, "expecting one of >=, >, <=, <")
        instant = self._instant(self._value())
        if name == "created":
            return lambda row: compare(row.created, instant)
        return lambda row: compare(row.updated, instant)

    def _values(self) -> list[str]:
        operator = self._take()
        if operator.text == "=":
            return [self._value().text]
        if operator.kind is not _Kind.WORD or operator.text.lower() != "in":
            self._refuse(operator, "expecting '=' or 'in'")
        self._expect("(")
        values = [self._value().text]
        while self._peek().text == ",":
            self._take()
            values.append(self._value().text)
        self._expect(")")
        return values

    def _value(self) -> _Token:
        token = self._take()
        if token.kind not in (_Kind.WORD, _Kind.STRING):
            self._refuse(token, "expecting a value")
        return token

    def _saved(self, values: list[str]) -> Predicate:
        saved: list[Predicate] = []
        for value in values:
            text = self._filters(value)
            if text is None:
                raise JqlError(f"The value '{value}' does not exist for the field 'filter'.")
            query = parse(text, filters=self._filters, zone=self._zone_name)
            if query.where is None:
                return lambda _: True
            saved.append(query.where)
        return saved[0] if len(saved) == 1 else _any_of(saved)

    def _instant(self, token: _Token) -> int:
        """Milliseconds as they are; a date and time in the zone of the token's owner."""
        if token.text.isdigit():
            return int(token.text)
        for pattern in _DATE_FORMATS:
            try:
                moment = datetime.strptime(token.text, pattern).replace(tzinfo=self._zone)
            except ValueError:
                continue
            return int(moment.timestamp() * 1000)
        raise JqlError(
            f"Date value '{token.text}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', "
            "'yyyy/MM/dd', 'yyyy-MM-dd'."
        )

    def _order(self) -> tuple[Order, ...]:
        if not self._at_word("order"):
            return ()
        self._take()
        if not self._at_word("by"):
            self._refuse(self._peek(), "expecting 'BY'")
        self._take()
        found = [self._order_field()]
        while self._peek().text == ",":
            self._take()
            found.append(self._order_field())
        return tuple(found)

    def _order_field(self) -> Order:
        field = self._value().text
        if field.lower() not in _SORT:
            raise JqlError(f"Not able to sort using field '{field}'.")
        descending = self._at_word("desc")
        if descending or self._at_word("asc"):
            self._take()
        return Order(field.lower(), descending)

    def _integer(self, value: str, field: str = "sprint") -> int:
        if not value.isdigit():
            raise JqlError(f"The value '{value}' does not exist for the field '{field}'.")
        return int(value)

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind is not _Kind.END:
            self._next += 1
        return token

    def _at_word(self, word: str) -> bool:
        token = self._peek()
        return token.kind is _Kind.WORD and token.text.lower() == word

    def _expect(self, symbol: str) -> None:
        token = self._take()
        if token.kind is not _Kind.OPERATOR or token.text != symbol:
            self._refuse(token, f"expecting '{symbol}'")

    def _refuse(self, token: _Token, wanted: str) -> NoReturn:
        if token.kind is _Kind.END:
            raise JqlError(f"Error in the JQL Query: {wanted} but the query ended.")
        raise JqlError(
            f"Error in the JQL Query: {wanted} but got '{token.text}'. (character {token.position + 1})"
        )


@dataclass(frozen=True, slots=True)
class _All:
    parts: tuple[Predicate, ...]

    def __call__(self, row: Row) -> bool:
        return all(part(row) for part in self.parts)


@dataclass(frozen=True, slots=True)
class _InProjects:
    names: frozenset[str]

    def __call__(self, row: Row) -> bool:
        return row.project_key in self.names or row.project_id in self.names


@dataclass(frozen=True, slots=True)
class _IsOneOf:
    ids: frozenset[int]
    keys: frozenset[str]

    def __call__(self, row: Row) -> bool:
        return row.id in self.ids or row.key in self.keys


@dataclass(frozen=True, slots=True)
class _Any:
    parts: tuple[Predicate, ...]

    def __call__(self, row: Row) -> bool:
        return any(part(row) for part in self.parts)


def _any_of(parts: list[Predicate]) -> Predicate:
    """Whole projects are looked at as one set, however many filters name them."""
    projects = [part.names for part in parts if isinstance(part, _InProjects)]
    others = [part for part in parts if not isinstance(part, _InProjects)]
    whole = [_InProjects(frozenset[str]().union(*projects))] if projects else []
    return _Any((*whole, *others)) if others else whole[0]


def _ids_of(where: Predicate | None) -> frozenset[int] | None:
    if isinstance(where, _IsOneOf) and not where.keys:
        return where.ids
    if isinstance(where, _All):
        return next((ids for part in where.parts if (ids := _ids_of(part)) is not None), None)
    return None


def _projects_of(where: Predicate | None) -> frozenset[str] | None:
    if isinstance(where, _InProjects):
        return where.names
    if isinstance(where, _IsOneOf) and not where.ids:
        return frozenset(key.rpartition("-")[0] for key in where.keys)
    if isinstance(where, _Any):
        each = [_projects_of(part) for part in where.parts]
        known = [projects for projects in each if projects is not None]
        return frozenset[str]().union(*known) if len(known) == len(each) else None
    if isinstance(where, _All):
        known = (_projects_of(part) for part in where.parts)
        return next((projects for projects in known if projects is not None), None)
    return None
