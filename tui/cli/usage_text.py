"""Wrong usage as three sentences, in the person's language: click's own texts name types and ranges as programs do.

Next: ``tui/cli/errors.py``, which prints them; ``tui/cli/param_types.py``, whose types say themselves what they take.
"""

from __future__ import annotations

import click

from tui.i18n.translate import _, value_label

MISSING = f"{__name__}.missing"
"""Where a context keeps the parameters that were needed and not given."""


def usage_text(error: click.ClickException) -> str:
    """What is wrong with the command line, as one or two sentences."""
    if isinstance(error, click.MissingParameter) and error.param is not None:
        missing: list[click.Parameter] = error.ctx.meta.get(MISSING, []) if error.ctx else []
        return " ".join(_missing_text(param, error.ctx) for param in missing or [error.param])
    if isinstance(error, click.NoSuchOption | click.NoSuchCommand):
        return _unknown_text(error)
    if isinstance(error, click.BadOptionUsage):
        return _value_text(error)
    if isinstance(error, click.BadParameter):
        return _bad_value_text(error)
    return error.format_message()


def command_of(error: click.ClickException) -> str:
    """The command whose help says more."""
    context: click.Context | None = getattr(error, "ctx", None)
    return context.command_path if context else "guanjia"


def _missing_text(param: click.Parameter, context: click.Context | None) -> str:
    name = _name(param, context)
    if isinstance(param, click.Option):
        words = [value_label(family, str(param.name)) for family in ("field", "kind")]
        label = next((word for word in words if word != param.name), "")
        known = label.lower() not in ("", str(param.name).replace("_", " "))
        text = (_("“{name}” is missing: {label}.") if known else _("“{name}” is missing.")).format(
            name=name, label=label
        )
    else:
        command = context.command_path if context else ""
        text = _("“{name}” is missing after “{command}”.").format(name=name, command=command)
    choices = param.type.get_missing_message(param, context)
    return f"{text} {choices}" if choices else text


def _unknown_text(error: click.NoSuchOption | click.NoSuchCommand) -> str:
    option = error.option_name if isinstance(error, click.NoSuchOption) else None
    names = _(", ").join(sorted(error.possibilities or ()))
    if option is not None:
        text = _("There is no option “{name}” here. Perhaps you mean {names}.")
        return (text if names else _("There is no option “{name}” here.")).format(name=option, names=names)
    text = _("There is no command “{name}” here. Perhaps you mean {names}.")
    command = error.command_name if isinstance(error, click.NoSuchCommand) else ""
    return (text if names else _("There is no command “{name}” here.")).format(name=command, names=names)


def _value_text(error: click.BadOptionUsage) -> str:
    context = error.ctx
    params = context.command.params if context else []
    param = next((param for param in params if error.option_name in (*param.opts, param.name)), None)
    if isinstance(param, click.Option) and param.is_flag:
        return _("“{name}” takes no value.").format(name=error.option_name)
    return _("“{name}” needs a value after it.").format(name=error.option_name)


def _bad_value_text(error: click.BadParameter) -> str:
    hint = error.param_hint if isinstance(error.param_hint, str) else None
    name = hint or (_name(error.param, error.ctx) if error.param is not None else "")
    return _("“{name}”: {detail}").format(name=name, detail=error.message) if name else error.message


def _name(param: click.Parameter, context: click.Context | None) -> str:
    """How the parameter is written: the option's longest name, or the word that stands for the argument."""
    if isinstance(param, click.Argument):
        return param.make_metavar(context) if context else str(param.name)
    return max(param.opts, key=len)
