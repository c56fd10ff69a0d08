"""``guanjia completion``: prints the completion script that a shell reads at its start."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tui.cli.errors import BadUsage
from tui.cli.groups import Command
from tui.cli.output import show
from tui.cli.param_types import WordChoice
from tui.i18n.translate import _


@click.command(
    cls=Command,
    help=_(
        "Print the completion script of a shell.\n\n\b\n"
        "bash   guanjia completion bash > ~/.local/share/bash-completion/completions/guanjia\n"
        "zsh    guanjia completion zsh > ~/.zfunc/_guanjia   (a folder of your fpath)\n"
        "fish   guanjia completion fish > ~/.config/fish/completions/guanjia.fish"
    ),
)
@click.argument("shell", type=WordChoice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of ``shell``."""
    completer = get_completion_class(shell)
    if completer is None:
        raise BadUsage(detail=shell, command="guanjia completion")
    show(completer(ctx.find_root().command, {}, "guanjia", "_GUANJIA_COMPLETE").source())
