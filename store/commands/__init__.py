"""Write commands by record: what an officer does, such as logging a visit or recording an issue.

> A function here takes what a person typed, resolves the names in it, and writes one transaction through
> ``store/writer/local_writes.py``. The command line and the screens write only by these.

Use: `visits.log`, `issues.record`, `issues.act`, `projects.add`, `meetings.record_meeting`, `dispatch.add_line` and
`dispatch.edit_line` (a line of any register), `conflicts.restore_conflicts`, `resolve.resolve` (a typed name to its
line). May import everything in the store but `importing`. Roles are checked by the central; here an act is refused only
where the life of an issue does not allow it. Functions raise `store.commands.exceptions.CommandError` with nothing
written.
"""
