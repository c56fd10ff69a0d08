"""What a register's table is like: its fields, the headings that name them, and the words that its cells hold.

> A heading is compared as `store.importing.headings.normalize_heading` gives it; of several columns that one field
> could be, the first in the order of the patterns counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from store.importing.headings import SET_ASIDE

RegisterName = Literal[
    "issues", "visits", "people", "units", "procedures", "policies", "progress", "trainings", "returns", "follow-ups",
    "deliveries", "adoption", "statistics",
]  # fmt: skip
_PROJECT = (
    r"(?:所属|涉及|关联|服务|走访)?(?:项目|工程)(?:名称|名)?|(?:企业|项目)[/、（(]?(?:项目|企业)名?称?[)）]?|project"
)
_SERIAL = r"序号|序|no\.?|id|#|未录入的?原因|whyleftout"
"""What is no field: serial numbers, the ids of our own lists, and why a row of an earlier import was left out."""


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of a register: its name on the command line, its heading in a template, and the headings that mean it
    (a pattern). ``example``: what a template shows; ``choices``: the words of a drop-down. ``words``: each word of the
    cells with the stored value that it means; ``phrases``: stored values with patterns for other words, in their order,
    where an empty value is “not clear”.
    ``titled``: what of a table's title gives the value where no column does. ``in_template``: whether it has a column
    there."""

    name: str
    heading: str
    pattern: str
    example: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    words: tuple[tuple[str, str], ...] = ()
    phrases: tuple[tuple[str, str], ...] = ()
    titled: str = ""
    is_money: bool = False
    in_template: bool = True

    @property
    def common(self) -> bool:
        """Whether many registers have it, so that it tells nothing of which a table is."""
        return self.name in ("project", "project_number", "text", "note", "place")

    def coded(self, text: str) -> str:
        """The stored value that a cell's words mean; empty where that is not clear."""
        said = "".join(text.split())
        for word, value in self.words:
            if said == word or said.casefold() == value:
                return value
        return next((value for value, words in self.phrases if re.fullmatch(words, said)), "")


PROJECT_FIELD = RecordField("project", "项目名称", _PROJECT, "示范项目（填写台账中的项目名称或编号）", required=True)
PROJECT_NUMBER = RecordField(
    "project_number", "项目编号", r"(?:项目|工程)(?:编号|编码|代码|号)|projectno\.?", in_template=False
)
"""Beside or in place of the project's name."""


@dataclass(frozen=True, slots=True)
class RecordRegister:
    """A register: its name, the title of its template, and its fields in the order of the template."""

    name: RegisterName
    title: str
    fields: tuple[RecordField, ...]

    @property
    def template_fields(self) -> tuple[RecordField, ...]:
        """Those that have a column in the template."""
        return tuple(field for field in self.fields if field.in_template)

    def lacking(self, meanings: Sequence[str | None]) -> tuple[RecordField, ...]:
        """The fields that a table must have, and for which none of its columns stands."""
        have = {*meanings, *({PROJECT_FIELD.name} if PROJECT_NUMBER.name in meanings else ())}
        return tuple(field for field in self.fields if field.required and field.name not in have)

    def field(self, name: str) -> RecordField | None:
        """The field of this name on the command line, or with this heading."""
        return next((each for each in self.fields if name in (each.name, each.heading)), None)

    def meaning(self, label: str) -> str | None:
        """What a normalized heading means; None where it is not understood."""
        if re.fullmatch(_SERIAL, label):
            return SET_ASIDE
        return next((each.name for each in self.fields if re.fullmatch(each.pattern, label)), None)
