"""What single screens ask of the desk, apart so that ``tui/data/reader.py`` stays short: functions that take the
desk."""
