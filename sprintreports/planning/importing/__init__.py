"""Absences and members as other programs give them: iCalendar, CSV, a pasted spreadsheet. Read with limits, never stored as they came."""
