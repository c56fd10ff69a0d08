"""The commands of the address book that write: ``add``, ``edit``, ``merge``, ``unmerge``, ``distinct``, ``retire``.

Next: ``store/commands/address_book.py``, ``tui/cli/commands/address_book.py`` (the groups, and reading).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

import click

from store.commands import address_book
from store.commands.address_book import PhoneChanges, split_label
from store.commands.new_names import refuse_likenesses
from store.commands.people import WriteResult
from store.queries.people import ContactKind
from tui.cli.commands.address_book import emit_contact
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LabelChoice, drop_unset
from tui.cli.people import report_new_people
from tui.cli.session import WriteSession, write_session
from tui.cli.typed_values import check_typed, confirming_options
from tui.i18n.contact_text import UNIT_KINDS
from tui.i18n.translate import N_, _

_PHONE_OPTIONS = ("phone", "phone_label", "more_phones", "gone_phones")


def _argument(name: str, metavar: str) -> click.Argument:
    return click.Argument([name], metavar=metavar, type=CLEAN_TEXT)


def _field_options(kind: ContactKind) -> list[click.Parameter]:
    """The options that give the fields and phones of a person or unit."""
    own: list[click.Parameter] = [
        click.Option(["--unit"], type=CLEAN_TEXT, metavar="NAME", help=_("The unit where they work.")),
        click.Option(["--title"], type=CLEAN_TEXT, help=_("Their title.")),
    ]
    if kind == "unit":
        own = [
            click.Option(["--kind"], type=LabelChoice(UNIT_KINDS, "unit.kind"), help=_("Which sort of unit it is.")),
            click.Option(["--contact"], type=CLEAN_TEXT, metavar="NAME", help=_("Whom to ask for there.")),
        ]
    several = _("A further phone and what it is for, “office 0418-2812345”; repeatable.")
    return [
        *own,
        click.Option(["--phone"], type=CLEAN_TEXT, help=_("The main phone, corrected wherever it is shown.")),
        click.Option(["--phone-label"], type=CLEAN_TEXT, help=_("What the main phone is for.")),
        click.Option(["--more-phone", "more_phones"], type=CLEAN_TEXT, multiple=True, help=several),
        click.Option(["--note"], type=CLEAN_TEXT, help=_("Anything else.")),
        *confirming_options({"unit"}),
    ]


def _split_phones(options: Mapping[str, object]) -> tuple[PhoneChanges, dict[str, str | None]]:
    """The changes of phones, and the other fields that were given."""
    more, gone = options.get("more_phones") or (), options.get("gone_phones") or ()
    main, label = options.get("phone"), options.get("phone_label")
    changes = PhoneChanges(
        None if main is None else str(main),
        None if label is None else str(label),
        tuple(split_label(str(text)) for text in (more if isinstance(more, tuple) else ())),
        tuple(str(text) for text in (gone if isinstance(gone, tuple) else ())),
    )
    rest = {name: str(value) for name, value in options.items() if name not in _PHONE_OPTIONS and value is not None}
    return changes, dict(rest)


def _check(run: CommandContext, writing: WriteSession, fields: Mapping[str, str | None]) -> None:
    """Raises `NameLikeKnown` for a unit or contact like a known one."""
    person = {"person": fields["contact"]} if fields.get("contact") else {}
    check_typed(run, writing, {**({"unit": fields["unit"]} if fields.get("unit") else {}), **person})


def _emit(run: CommandContext, writing: WriteSession, kind: ContactKind, result: WriteResult) -> None:
    report_new_people(run, [newcomer for newcomer in result.added if newcomer.id != result.id])
    with writing.session.database.read() as connection:
        emit_contact(run, writing.session, connection, kind, result.id)


def _add_command(kind: ContactKind) -> Command:
    def add(run: CommandContext, /, name: str, **options: object) -> None:
        phones, fields = _split_phones(drop_unset(options))
        with write_session(run.home) as writing:
            _check(run, writing, fields)
            if not run.accepts_new_names:
                with writing.session.database.read() as connection:
                    refuse_likenesses(connection, [(kind, f"{name} {phones.main or ''}".strip())], known=True)
            _emit(run, writing, kind, address_book.add(writing.ledger, kind, name, phones=phones, **fields))

    params = [_argument("name", "NAME"), *_field_options(kind)]
    text = _("Enter somebody. A name that is like a known one needs --new.")
    return Command("add", callback=click.pass_obj(add), params=params, help=text)


def _edit_command(kind: ContactKind) -> Command:
    def edit(run: CommandContext, /, who: str, **options: object) -> None:
        phones, fields = _split_phones(drop_unset(options))
        with write_session(run.home) as writing:
            _check(run, writing, fields)
            _emit(run, writing, kind, address_book.edit(writing.ledger, kind, who, phones=phones, **fields))

    gone = click.Option(["--remove-phone", "gone_phones"], type=CLEAN_TEXT, multiple=True, help=_("A phone that goes."))
    name = click.Option(["--name"], type=CLEAN_TEXT, help=_("The name, spelt right."))
    params = [_argument("who", "NAME"), name, *_field_options(kind), gone]
    text = _("Correct somebody; an empty text removes a field. The version before is kept.")
    return Command("edit", callback=click.pass_obj(edit), params=params, help=text)


def _merge_command(kind: ContactKind) -> Command:
    def merge(run: CommandContext, /, keep: str, other: str, note: str | None) -> None:
        with _bureau_session(run) as writing:
            kept = address_book.merge(writing.ledger, kind, keep, other, note=note)
            _emit(run, writing, kind, WriteResult(kept))

    params = [
        _argument("keep", N_("KEEP")), _argument("other", N_("OTHER")),
        click.Option(["--note"], type=CLEAN_TEXT, help=_("Why.")),
    ]  # fmt: skip
    text = _("Show OTHER as KEEP from now on, on all devices, in what was and in what comes; “unmerge” undoes it.")
    return Command("merge", callback=click.pass_obj(merge), params=params, help=text)


def _unmerge_command(kind: ContactKind) -> Command:
    def unmerge(run: CommandContext, /, record: str) -> None:
        with _bureau_session(run) as writing:
            _emit(run, writing, kind, WriteResult(address_book.unmerge(writing.ledger, kind, record)))

    text = _("Take a record out of the one that it was merged into: all is shown as before.")
    return Command("unmerge", callback=click.pass_obj(unmerge), params=[_argument("record", N_("RECORD"))], help=text)


def _distinct_command(kind: ContactKind) -> Command:
    def distinct(run: CommandContext, /, first: str, second: str) -> None:
        with _bureau_session(run) as writing:
            kept = address_book.keep_apart(writing.ledger, kind, first, second)
            _emit(run, writing, kind, WriteResult(kept[0]))

    params = [_argument("first", N_("FIRST")), _argument("second", N_("SECOND"))]
    text = _("Note that two records are two: they are not proposed as doubles again.")
    return Command("distinct", callback=click.pass_obj(distinct), params=params, help=text)


def _retire_command(kind: ContactKind) -> Command:
    def retire(run: CommandContext, /, who: str, on: str | None, back: bool) -> None:
        with write_session(run.home) as writing:
            _emit(run, writing, kind, WriteResult(address_book.retire(writing.ledger, kind, who, on, back=back)))

    params = [
        _argument("who", "NAME"),
        click.Option(["--on"], type=CLEAN_TEXT, metavar="DATE", help=_("From which day on; today if not given.")),
        click.Option(["--back"], is_flag=True, help=_("Offer them again.")),
    ]
    text = _("From a day on no longer offer somebody where names are typed; what was stays as it was.")
    return Command("retire", callback=click.pass_obj(retire), params=params, help=text)


@contextlib.contextmanager
def _bureau_session(run: CommandContext) -> Iterator[WriteSession]:
    """A session of somebody who may merge. Raises `BeyondRole`."""
    with write_session(run.home) as writing:
        writing.ledger.require_role("merge")
        yield writing


_MAKERS: Mapping[str, Callable[[ContactKind], Command]] = {
    "ADD": _add_command, "EDIT": _edit_command, "MERGE": _merge_command, "UNMERGE": _unmerge_command,
    "DISTINCT": _distinct_command, "RETIRE": _retire_command,
}  # fmt: skip
_KINDS: Mapping[str, ContactKind] = {"PERSON": "person", "UNIT": "unit"}


def __getattr__(name: str) -> Command:
    """``PERSON_ADD``, ``UNIT_MERGE`` …: the commands, made when they are called."""
    prefix, _underscore, act = name.partition("_")
    if prefix not in _KINDS or act not in _MAKERS:
        raise AttributeError(name)
    return _MAKERS[act](_KINDS[prefix])
