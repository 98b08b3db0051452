"""What a team can do in a sprint: arithmetic over calendars, members and absences, without a database or a clock."""
