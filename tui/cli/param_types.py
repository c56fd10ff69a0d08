"""Types of options and arguments: choices by code or by their words, amounts, whole numbers, text, paths.

Each says in help and in errors what it takes in the person's language: click's own types show English names.
Next: ``tui/cli/groups.py`` (commands), ``tui/cli/help_layout.py`` (how help is laid out).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from store.exceptions import BadAmount
from store.values.amounts import parse_yuan
from store.values.text import sanitize
from tui.cli.options import is_valid_path
from tui.i18n.translate import LANGUAGES, _, current_language, label_in

ALL = ("all", "全部")
"""The words that stand for every line, where some could be named."""


class CleanText(click.ParamType[str]):
    """Text that a person typed, without control characters: those would act on terminals."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text without control characters."""
        return sanitize(str(value))

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """What stands for the text in help."""
        return _("TEXT")


class PathParam(click.Path[Path]):
    """A path; a name that no file can have is wrong usage and not an error of the system."""

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path, as it was typed."""
        if not is_valid_path(os.fspath(value)):
            self.fail(_("This cannot be a path."), param, ctx)
        return super().convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """What stands for the path in help."""
        return _("FILE")


class YuanParam(click.ParamType[int]):
    """An amount of money in whole yuan, as offices write it: 52000000, 5200万, 1.2亿."""

    name = "yuan"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Whole yuan."""
        try:
            return value if isinstance(value, int) else parse_yuan(str(value))
        except BadAmount as error:
            self.fail(" ".join(error.localized(_)[::2]), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """What stands for the amount in help."""
        return _("YUAN")


class WholeNumber(click.IntRange):
    """A whole number between bounds."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; full-width digits count."""
        text = unicodedata.normalize("NFKC", str(value)).strip()
        try:
            number = int(text)
        except ValueError:
            self.fail(_("“{text}” is not a whole number.").format(text=sanitize(str(value))), param, ctx)
        if self.min is not None and self.max is not None and not self.min <= number <= self.max:
            self.fail(_("{number} is not between {low} and {high}.").format(number=number, low=self.min, high=self.max))
        if self.min is not None and number < self.min:
            self.fail(_("{number} is too small: at least {low}.").format(number=number, low=self.min))
        if self.max is not None and number > self.max:
            self.fail(_("{number} is too large: at most {high}.").format(number=number, high=self.max))
        return number

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """What stands for the number in help."""
        return _("N")


class WordChoice(click.Choice[str]):
    """One of a few words, typed as they are; errors say which, in a sentence."""

    def words(self, value: str) -> tuple[str, ...]:
        """All spellings of a value."""
        return (value,)

    def label(self, value: str) -> str:
        """How a value is written in the person's language."""
        return value

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The stored value."""
        typed = _folded(str(value))
        for choice in self.choices:
            if typed in map(_folded, self.words(choice)):
                return choice
        return self.fail(self.get_invalid_choice_message(sanitize(str(value)), ctx), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """The labels, in brackets."""
        return f"[{'|'.join(map(self.label, self.choices))}]"

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """What there is to choose from."""
        return _("Choose from: {choices}.").format(choices=_(", ").join(map(self.label, self.choices)))

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        """What was typed, and what there is to choose from."""
        choices = _(", ").join(map(self.label, self.choices))
        return _("“{value}” is none of these: {choices}.").format(value=value, choices=choices)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Values and labels that begin so."""
        words = dict.fromkeys(word for choice in self.choices for word in (choice, self.label(choice)))
        return [CompletionItem(word) for word in words if _folded(word).startswith(_folded(incomplete))]


class LabelChoice(WordChoice):
    """One of a few stored values, typed as it is stored or by its label in any language (困难, difficulty). Help,
    errors and completion show the labels of the person's language, those of ``family`` (`value_label`)."""

    def __init__(self, values: Sequence[str], family: str) -> None:
        super().__init__(values)
        self.family = family

    def words(self, value: str) -> tuple[str, ...]:
        """The value and its label in each language."""
        return (value, *(label_in(language, self.family, value) for language in LANGUAGES))

    def label(self, value: str) -> str:
        """How a value is written in the person's language: its label in Chinese, the value itself in English."""
        return value if current_language() != LANGUAGES[0] else label_in(LANGUAGES[0], self.family, value)


class TextChoice(WordChoice):
    """One of a few stored values, typed as it is stored or by its text; ``texts`` are message ids by value."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(list(texts))
        self.texts = texts

    def words(self, value: str) -> tuple[str, ...]:
        """The value, and its text in the person's language and in English."""
        return (value, _(self.texts[value]), self.texts[value])

    def label(self, value: str) -> str:
        """How a value is written in the person's language: its text in Chinese, the value itself in English."""
        return value if current_language() != LANGUAGES[0] else _(self.texts[value])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold().replace("-", "_").replace(" ", "_")


CLEAN_TEXT = CleanText()
PATH_PARAM = PathParam(path_type=Path)
YUAN = YuanParam()
