"""The registry of kinds: everything that follows from the model of a kind of ledger line.

A kind is one model file in ``store/ledger/models``. From its class follow its columns and which of them hold lists, its
bucket, what the search index reads of it, who may write it and how its body is validated. Loads SQLModel and pydantic
(0.5 s): code on a start-up path uses ``store/ledger/kind_facts.py`` instead.

    python -m store.ledger.kinds        writes kind_facts.json anew, after a change of the models' attributes
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from sqlmodel import JSON, Boolean

from store.exceptions import BadFields
from store.ledger.buckets import Area, bucket_name
from store.ledger.kind_facts import FACTS_FILE, KindFacts, facts_json, kind_facts
from store.ledger.line import Body, Line
from store.ledger.models.base import LedgerLine, SearchFields
from store.values.text import is_surely_clean, sanitize_deep


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of ledger line. ``fields`` are the body's columns in order (``field_names`` as a set); ``lists`` those
    stored as JSON text, ``bools`` those stored as 0 and 1."""

    name: str
    model: type[LedgerLine]
    area: Area
    root: str | None
    fields: tuple[str, ...]
    field_names: frozenset[str]
    lists: frozenset[str]
    bools: frozenset[str]
    search_fields: SearchFields | None
    body_model: type[BaseModel]

    def validate(self, body: Body) -> Body:
        """``body`` as it is stored: known fields validated, nulls dropped, unknown fields unchanged, text sanitized.
        Raises `BadFields`."""
        body = sanitize_deep(dict(body))
        try:
            known = self.body_model.model_validate(body, strict=True)
        except ValidationError as error:
            raise _bad_fields(error) from None
        dumped = known.model_dump(exclude_none=True)
        return {**dumped, **{k: v for k, v in body.items() if k not in self.field_names}}

    def is_valid_body(self, body: Body) -> bool:
        """Whether the known fields of ``body`` have the types that this version expects, and none is null (a null
        would not survive the way through a column, and so the line would no longer match its digest)."""
        if None in body.values():
            return False
        try:
            self.body_model.__pydantic_validator__.validate_python(body, strict=True)
        except ValidationError:
            return False
        return True

    def root_of(self, line_id: str, body: Body) -> str:
        """The issue or procedure that a line belongs to: itself, unless its kind names another field."""
        return str(body.get(self.root, line_id)) if self.root else line_id


def _bad_fields(error: ValidationError) -> BadFields:
    found = error.errors(include_url=False, include_input=False)
    fields = dict.fromkeys(str(item["loc"][0]) if item["loc"] else "body" for item in found)
    detail = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in found)
    return BadFields(fields=", ".join(fields), detail=detail)


def kind_of_model(model: type[LedgerLine]) -> Kind:
    """The kind that a model describes."""
    fields = tuple(name for name in model.model_fields if name not in LedgerLine.model_fields)
    parts: dict[str, Any] = {name: (model.model_fields[name].annotation, model.model_fields[name]) for name in fields}
    body_model = create_model(f"{model.__name__}Body", __config__=ConfigDict(extra="ignore"), **parts)
    columns = model.metadata.tables[str(model.__tablename__)].columns
    lists = frozenset(name for name in fields if isinstance(columns[name].type, JSON))
    bools = frozenset(name for name in fields if isinstance(columns[name].type, Boolean))
    facts = (fields, frozenset(fields), lists, bools, model.search_fields, body_model)
    return Kind(str(model.__tablename__), model, model.area, model.root, *facts)


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
    return bucket_name(kind.area, line.project, kind.root_of(line.id, line.body))


def is_valid_line(line: Line, wire: bytes) -> bool:
    """Whether the central may keep this line, whose canonical bytes are ``wire``: clean text, and a body of its kind's
    types (any body, if unknown)."""
    kind = kinds().get(line.kind)
    clean = is_surely_clean(wire) or sanitize_deep(dict(line.body)) == line.body
    return clean and (kind is None or line.deleted or kind.is_valid_body(line.body))


if __name__ == "__main__":
    FACTS_FILE.write_text(facts_json({name: facts_of_model(kind.model) for name, kind in kinds().items()}), "utf-8")
