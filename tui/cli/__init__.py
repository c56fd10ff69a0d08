"""The command line ``guanjia``: parsing, printing, exit codes and one module a record under ``commands/``.

May import everything of ``tui`` and ``store``. Only the commands that need it import ``sync`` (an import contract names
them), only ``open_app`` imports Textual, and the fast paths (``main``, ``options``, ``commands.find_fast``,
``open_app``) import no click.

Use: `main.main` (the entry point), `groups.Command` and `groups.LazyGroup` for a new command, `output.emit` for its
data, `session.home_session` and `session.write_session` for the home it works on, `errors.print_error` and
`errors.exit_code`.
"""
