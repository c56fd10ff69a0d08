"""The registry of kinds: everything that follows from the model of a kind of ledger line.

A kind is one model file in ``store/ledger/models``. From its class follow its columns and which of them hold lists, its
bucket, what the search index reads of it, who may write it and how its body is validated. Loads SQLModel and pydantic
(0.5 s): code on a start-up path uses ``store/ledger/kind_facts.py`` instead.

    python -m store.ledger.kinds        writes kind_facts.json anew, after a change of the models' attributes
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_args

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from sqlmodel import JSON, Boolean

from store.exceptions import BadFields
from store.ledger.buckets import PROJECT_AREAS, Area, bucket_name
from store.ledger.kind_facts import FACTS_FILE, KindFacts, facts_json, kind_facts
from store.ledger.line import Body, Line, is_id
from store.ledger.models.base import LedgerLine, SearchFields, WrittenLength
from store.ledger.validity import find_faults, has_sound_values, rules_of_values
from store.values.faults import Fault
from store.values.text import sanitize_deep

FOLLOWED_ROOTS = {Area.ISSUE: "issue_id", Area.PROCEDURE: "of_id"}
"""Where a kind that lies with others says to which issue or procedure a line belongs."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of ledger line. ``of_field``: a line lies where one of the kind that this field names would. ``fields``
    are the body's columns in order (``field_names`` as a set); ``lists`` those stored as JSON text, ``bools`` those
    stored as 0 and 1; ``written_lengths`` how many characters officers may write into those of one line."""

    name: str
    model: type[LedgerLine]
    area: Area
    root: str | None
    of_field: str | None
    fields: tuple[str, ...]
    field_names: frozenset[str]
    lists: frozenset[str]
    bools: frozenset[str]
    written_lengths: Mapping[str, int]
    search_fields: SearchFields | None
    body_model: type[BaseModel]

    def validate(self, body: Body) -> Body:
        """``body`` as it is stored: nulls dropped, known fields validated, unknown fields unchanged, text sanitized.
        Raises `BadFields`."""
        body = {name: value for name, value in sanitize_deep(dict(body)).items() if value is not None}
        try:
            known = self.body_model.model_validate(body, strict=True)
        except ValidationError as error:
            raise _bad_fields(find_faults(body, error)) from None
        if not has_sound_values(body):
            raise _bad_fields(find_faults(body, None))
        dumped = known.model_dump(exclude_none=True)
        return {**dumped, **{k: v for k, v in body.items() if k not in self.field_names}}

    def is_valid_body(self, body: Body) -> bool:
        """Whether ``body`` is what this version may write: known fields of their model's form, every value within the
        bounds (``store/ledger/validity.py``), none null."""
        try:
            self.body_model.__pydantic_validator__.validate_python(body, strict=True)
        except ValidationError:
            return False
        return None not in body.values() and has_sound_values(body)

    def find_faults(self, body: Body) -> dict[str, Fault]:
        """What is wrong with a body, by field; empty for one that `is_valid_body`."""
        nulls = {name: Fault(name, "empty") for name, value in body.items() if value is None}
        try:
            self.body_model.__pydantic_validator__.validate_python(body, strict=True)
        except ValidationError as error:
            return {**nulls, **find_faults(body, error)}
        return {**nulls, **find_faults(body, None)}

    def readable_body(self, body: Body) -> Body | None:
        """What of a body may be read and computed with, whoever let it in: all of it, if it is valid; else what is
        left without the fields that are not; None where a field is missing then that no line of the kind can do
        without. The one rule by which this program reads lines that it would not write."""
        if self.is_valid_body(body):
            return body
        faults = self.find_faults(body)
        rest = {name: value for name, value in body.items() if name not in faults}
        return rest if self.find_faults(rest).keys() <= {"body"} else None

    def rules(self) -> str:
        """A fingerprint of what a body must be like to be valid: another one where a valid body may no longer be one,
        or the other way round."""
        types = orjson.dumps(self.body_model.model_json_schema(), option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(types + rules_of_values(), digest_size=8).hexdigest()

    def area_of(self, body: Body) -> Area:
        """The area of a line with this body."""
        of_kind = kind_facts().get(str(body.get(self.of_field))) if self.of_field else None
        return of_kind.area if of_kind else self.area

    def root_field_of(self, body: Body) -> str | None:
        """The field with the issue or procedure that a line belongs to; None: it is the line itself."""
        return FOLLOWED_ROOTS.get(self.area_of(body)) if self.of_field else self.root

    def root_of(self, line_id: str, body: Body) -> str:
        """The issue or procedure that a line belongs to: itself, unless its kind names another field."""
        field = self.root_field_of(body)
        return str(body.get(field, line_id)) if field else line_id


def _bad_fields(faults: Mapping[str, Fault]) -> BadFields:
    problems = ", ".join(dict.fromkeys(fault.problem for fault in faults.values()))
    return BadFields(fields=", ".join(faults), problems=problems, detail="; ".join(map(str, faults.values())))


def kind_of_model(model: type[LedgerLine]) -> Kind:
    """The kind that a model describes."""
    fields = tuple(name for name in model.model_fields if name not in LedgerLine.model_fields)
    parts: dict[str, Any] = {name: (model.model_fields[name].annotation, model.model_fields[name]) for name in fields}
    body_model = create_model(f"{model.__name__}Body", __config__=ConfigDict(extra="ignore"), **parts)
    columns = model.metadata.tables[str(model.__tablename__)].columns
    lists = frozenset(name for name in fields if isinstance(columns[name].type, JSON))
    bools = frozenset(name for name in fields if isinstance(columns[name].type, Boolean))
    lengths = {name: most for name in fields if (most := _written_length(model, name))}
    facts = (fields, frozenset(fields), lists, bools, lengths, model.search_fields, body_model)
    return Kind(str(model.__tablename__), model, model.area, model.root, model.of_field, *facts)


def _written_length(model: type[LedgerLine], name: str) -> int | None:
    """The bound of a field of one line, which stands beside the text's type, however deep in the annotation."""
    field = model.model_fields[name]
    parts: list[object] = [*field.metadata, field.annotation]
    for part in parts:
        if isinstance(part, WrittenLength):
            return part.most
        parts += get_args(part)
    return None


def facts_of_model(model: type[LedgerLine]) -> KindFacts:
    """The facts of a model's kind that must be known without loading it."""
    fields = model.search_fields
    texts = None if fields is None else (fields.title, *fields.text)
    return KindFacts(str(model.__tablename__), model.area, texts, dict(model.writers), model.deletable)


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name: one for each model file in ``store/ledger/models``, and those that `register` added."""
    return {str(model.__tablename__): kind_of_model(model) for model in _models()}


def register(model: type[LedgerLine]) -> None:
    """Make a kind known whose model is not in ``store/ledger/models``, until `unregister`: for kinds that a test or a
    site adds. The store needs its table (a migration). The model's base should have a SQLAlchemy registry of its own,
    apart from the store's schema."""
    name = str(model.__tablename__)
    kinds()[name] = kind_of_model(model)
    kind_facts()[name] = facts_of_model(model)


def unregister(model: type[LedgerLine]) -> None:
    """Forget a kind that `register` added; its lines are then kept as unknown lines."""
    name = str(model.__tablename__)
    del kinds()[name], kind_facts()[name]


def _models() -> list[type[LedgerLine]]:
    """The models of ``store/ledger/models``, loaded when this version's kinds are first asked for."""
    import store.ledger.models  # noqa: PLC0415

    for module in iter_modules(store.ledger.models.__path__, "store.ledger.models."):
        import_module(module.name)
    return [model for model in LedgerLine.__subclasses__() if hasattr(model, "__table__")]


def bucket_of(line: Line) -> str:
    """The bucket of a line. A kind that this version does not know goes by its envelope: the project's body."""
    kind = kinds().get(line.kind)
    if kind is None:
        return bucket_name(Area.BODY, line.project, line.id)
    return bucket_name(kind.area_of(line.body), line.project, kind.root_of(line.id, line.body))


def line_fault(line: Line) -> Fault | None:
    """What makes a line one that the central does not take in; None for a valid one. A deleted line keeps the body that
    it had, so that whoever deletes a line need not mend it: of its fields only the one that says where it belongs must
    be right. Of a kind that this version does not know only the bounds are checked. Forbidden characters come first.
    What belongs to a project names it: else it would lie in the district's bucket, where everybody reads it."""
    kind = kinds().get(line.kind)
    if kind is None or line.deleted:
        faults = {} if has_sound_values(line.body) else find_faults(line.body, None)
    else:
        faults = {} if kind.is_valid_body(line.body) else kind.find_faults(line.body)
    if kind is not None and (line.deleted or kind.of_field):
        faults = {**faults, **_faults_of_place(kind, line.body)}
    if kind is not None and not line.deleted and line.project is None and kind.area_of(line.body) in PROJECT_AREAS:
        faults = {**faults, "project": Fault("project", "missing")}
    return min(faults.values(), key=lambda fault: fault.problem != "unclean") if faults else None


def _faults_of_place(kind: Kind, body: Body) -> dict[str, Fault]:
    """What is wrong with the fields that say in which bucket a line lies."""
    faults = {}
    if (root := kind.root_field_of(body)) is not None and not is_id(body.get(root)):
        faults[root] = Fault(root, "form")
    if kind.of_field and kind_facts().get(str(body.get(kind.of_field))) is None:
        faults[kind.of_field] = Fault(kind.of_field, "choice")
    return faults


def readable_line(line: Line) -> Line | None:
    """The line with what of it may be read (`Kind.readable_body`); None for an unreadable line."""
    kind = kinds().get(line.kind)
    body = line.body if kind is None else kind.readable_body(line.body)
    return None if body is None else line if body is line.body else line._replace(body=body)


if __name__ == "__main__":
    FACTS_FILE.write_text(facts_json({name: facts_of_model(kind.model) for name, kind in kinds().items()}), "utf-8")
