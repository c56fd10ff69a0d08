"""Reads that belong to one screen: functions of the desk, called in a thread."""
