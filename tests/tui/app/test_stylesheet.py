"""The style sheet: parts of a widget are styled as Textual styles them, but only once they are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.driving import drive, make_app, press, settled
from tui.app.app import GuanjiaApp


def test_parts_are_styled_as_textual_styles_them(home: Path) -> None:
    """Each part of a field has the style that Textual computes, at first, without the focus and in another theme; a
    part that the field does not have is an error, and so is any once the field is removed."""
    app = make_app(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        field = app.screen.query_one(Input)
        dark = parts(field)
        assert dark == parts_by_textual(app, field)
        app.set_focus(None)
        await settled(pilot)
        assert parts(field) == parts_by_textual(app, field)
        app.theme = "light"
        await settled(pilot)
        assert dark != parts(field) == parts_by_textual(app, field)
        with pytest.raises(KeyError):
            field.get_component_styles("input--nothing")
        field._component_styles.clear()  # as when it is removed
        with pytest.raises(KeyError):
            field.get_component_styles("input--cursor")

    drive(app, script)


def parts(field: Input) -> dict[str, RulesMap]:
    """The rules of each part of a field."""
    return {name: field.get_component_styles(name).base.get_rules() for name in field._get_component_classes()}


def parts_by_textual(app: GuanjiaApp, field: Input) -> dict[str, RulesMap]:
    """The same, as Textual's own method computes them."""
    ours, field._component_styles = field._component_styles, {}
    Stylesheet._process_component_classes(app.stylesheet, field)
    theirs, field._component_styles = field._component_styles, ours
    return {name: styles.base.get_rules() for name, styles in theirs.items()}
