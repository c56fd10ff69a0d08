"""``python -m tui.cli``: the command ``guanjia`` without its launcher."""

from tui.cli.main import main

main()
