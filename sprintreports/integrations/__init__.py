"""Outside services that reports are sent to: one file each, behind one small interface, knowing nothing of sprints."""
