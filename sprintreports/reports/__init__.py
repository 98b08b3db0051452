"""Reports: states of sprints that are frozen, compared, shown as one document, exported, shared, scheduled and published."""
