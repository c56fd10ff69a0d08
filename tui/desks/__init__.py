"""What single screens ask of the desk, apart so that ``tui/desk.py`` stays short: functions that take the desk."""
