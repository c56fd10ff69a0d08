"""What an officer does: log a visit, record an issue, assign it, change a project.

> A function here takes what a person typed, finds who and what is meant, and writes one transaction through
> ``store/writer/local_writes.py``. The command line and the screens use only these to write.

Who may do what is the central's to decide; here an act is refused only where the life of an issue does not allow it.
"""
