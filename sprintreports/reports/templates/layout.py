"""What a template says: parts of the document in order, text of one's own between them. Pure."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Part(msgspec.Struct, frozen=True, tag="section", tag_field="part", forbid_unknown_fields=True):
    """A section of the document by its key. hidden: keys of facts, tables and charts in it that are left out."""

    key: str
    title: str = ""
    hidden: tuple[str, ...] = ()


class OwnText(msgspec.Struct, frozen=True, tag="text", tag_field="part", forbid_unknown_fields=True):
    """A section of one's own words, with placeholders such as {{ sprint.name }} and {{ facts.completed }}."""

    title: str
    text: str


Piece: TypeAlias = Part | OwnText


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A template's content. pieces empty: every section as the builder orders them. title: with placeholders; empty: as usual."""

    pieces: tuple[Piece, ...] = ()
    title: str = ""
