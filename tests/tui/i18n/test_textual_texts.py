"""Textual's own texts: every English text in the parts that we use is overridden, or can never appear.

A newer Textual with a new text fails here until somebody has looked where it would be shown.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widgets import LoadingIndicator, Tooltip
from textual.widgets._toast import Toast

import tui.screens
import tui.widgets
from tests.tui.driving import drive, make_app, press, screen_text, until
from tui.app.app import GuanjiaApp

ROOT = Path(__file__).parents[3]
TEXT = re.compile(r"[A-Z][a-z]+")
SILENT = {"log", "debug", "info", "warn", "warning", "error", "print", "getattr", "deprecated", "TypeVar", "cast"}
OVERRIDDEN = {"Press [b]": "help_quit", "Do you want to quit?": "help_quit"}
"""Texts of actions that the app does in its own way."""
UNREACHED = {
    "command_palette": {"Open the command palette", "Search for commands…"},
    "change_theme": {"Theme", "Change the current theme", "Search for themes…"},
    "show_help_panel": {
        "HelpPanel", "Keys", "Hide the keys and widget help panel",
        "Show help for the focused widget and a summary of available keys",
    },
    "maximize": {"Maximize", "Maximize the focused widget", "Minimize",
                 "Minimize the widget and restore to normal size"},
    "screenshot": {"Screenshot", "Save an SVG 'screenshot' of the current screen", "Saved screenshot",
                   "Saved screenshot to [$text-success]", "Failed to save screenshot"},
    "quit_by_palette": {"Quit", "Quit the application as soon as possible"},
}  # fmt: skip
"""Texts of actions to which no key leads: they belong to the command palette, which is off."""
NEVER_SHOWN = {
    "Footer", "Input", "Theme ", "Screen ", "Connected to devtools ( ", "Couldn't connect to devtools ( ",
    "Writing logs to ", "SynchronizedOutput mode is supported", "Callable[..., Any] | Callable[..., Awaitable[Any]]",
    "RenderableType | Visual | SupportsVisual", "Callable[[Pilot[object]], Coroutine[Any, Any, None]]",
    "Callable[[], Awaitable[Any]] | Callable[[], Any]", "Open the command palette", "Loading...",
}  # fmt: skip
"""Names, types and logs; and what only a widget shows whose ``loading`` is set, which nothing here does."""


def ours() -> list[type[DOMNode]]:
    """The app, and every screen and widget of ours, with those that Textual adds by itself."""
    found: list[type[DOMNode]] = [GuanjiaApp, Toast, Tooltip, LoadingIndicator]
    for package in (tui.screens, tui.widgets):
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            members = inspect.getmembers(import_module(module.name), inspect.isclass)
            found += [member for _name, member in members if issubclass(member, DOMNode)]
    return list(dict.fromkeys(found))


BASES = {base for one in ours() for base in one.__mro__ if base.__module__.startswith("textual.")}


class Texts(ast.NodeVisitor):
    """Collects what could be read by people: no documentation, no errors, no logs."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_Raise(self, node: ast.Raise) -> None:
        """Skip errors: ``tui/exceptions.py`` has their texts."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Skip assertions."""

    def visit_arg(self, node: ast.arg) -> None:
        """Skip types of parameters."""

    def visit_Expr(self, node: ast.Expr) -> None:
        """Skip documentation."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Skip types."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        """Skip logs."""
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in SILENT:
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Visit defaults and body, skip types."""
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
            self.visit(part)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """As for a function."""
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
            self.visit(part)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Collect a text that begins like a word."""
        if isinstance(node.value, str) and TEXT.match(node.value) and "\n" not in node.value:
            self.found.add(node.value)


def texts() -> dict[str, set[str]]:
    """The texts of each module of Textual that a screen of ours is made of."""
    found = {}
    for module in sorted({base.__module__ for base in BASES}):
        visitor = Texts()
        visitor.visit(ast.parse(inspect.getsource(import_module(module))))
        found[module] = visitor.found
    return found


def described() -> Iterator[str]:
    """The descriptions of the keys of Textual's widgets."""
    for base in BASES:
        for binding in base.__dict__.get("BINDINGS", ()):
            yield from (binding.description, binding.tooltip, getattr(binding.group, "description", ""))


def test_every_text_of_textual_is_handled() -> None:
    """Descriptions of keys are shown by nobody here; the rest is overridden, unreached or never shown."""
    handled = {*described(), *OVERRIDDEN, *NEVER_SHOWN, *(text for group in UNREACHED.values() for text in group)}
    left = {module: sorted(found - handled) for module, found in texts().items() if found - handled}
    assert left == {}


def test_what_is_called_handled_is_still_there() -> None:
    """The lists above name nothing that Textual no longer says."""
    known = {text for found in texts().values() for text in found}
    listed = {*OVERRIDDEN, *NEVER_SHOWN, *(text for group in UNREACHED.values() for text in group)}
    assert listed - known == set()


def test_nothing_shows_what_textual_calls_its_keys() -> None:
    """No footer, header, key panel or help panel of Textual is used, no validator, no suggester, no loading."""
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tui").rglob("*.py"))
    for name in ("Footer", "Header", "KeyPanel", "HelpPanel", "MaskedInput", "validators=", "suggester=", "tooltip="):
        assert not re.search(rf"\b{name}", sources), name
    assert not re.search(r"\.loading\s*=|set_loading", sources)


def test_no_key_leads_to_an_unreached_action() -> None:
    """The actions of the palette that is off cannot be called by any key, and the others are our own."""
    bound = {binding.action.rpartition(".")[2] for one in ours() for binding in _bindings(one)}
    assert not bound & set(UNREACHED)
    assert not GuanjiaApp.ENABLE_COMMAND_PALETTE
    for action in OVERRIDDEN.values():
        assert getattr(GuanjiaApp, f"action_{action}") is not getattr(App, f"action_{action}")


def _bindings(node_type: type[DOMNode]) -> Iterator[Binding]:
    for base in node_type.__mro__:
        yield from base.__dict__.get("BINDINGS", ())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_textual_would_say_is_said_in_our_words(language: str, home: Path) -> None:
    """ctrl+c tells how to leave in the language in use; ctrl+p and ctrl+z open and say nothing of Textual's."""
    from tui.i18n.translate import _, set_language  # noqa: PLC0415 - after the fixture has set the language

    async def script(pilot: Pilot[None]) -> None:
        set_language(language)
        await press(pilot, "ctrl+c")
        await until(pilot, lambda: _("To leave, press {key}.").format(key="^Q") in screen_text(pilot))
        await press(pilot, "ctrl+p", "ctrl+z", "ctrl+backslash")
        assert "Search for" not in screen_text(pilot)
        assert "Do you want to quit" not in screen_text(pilot)

    drive(make_app(home), script)
