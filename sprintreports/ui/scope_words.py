"""What each scope means, in the words of the people who give it."""

from sprintreports.identity.permissions import Permission

WORDS: dict[Permission, str] = {
    Permission.SPRINTS_READ: "See boards, sprints and their numbers",
    Permission.SPRINTS_WRITE: "Plan sprints and change what is noted on them",
    Permission.CAPACITY_READ: "See who is available when",
    Permission.CAPACITY_WRITE: "Change who is available when",
    Permission.QUEUES_READ: "See queues of work",
    Permission.QUEUES_WRITE: "Change queues of work",
    Permission.REPORTS_READ: "Read reports",
    Permission.REPORTS_WRITE: "Write and publish reports",
    Permission.USERS_READ: "See who uses Sprint Reports",
    Permission.USERS_WRITE: "Invite, change and deactivate users",
    Permission.SETTINGS_READ: "See settings and connected Jira sites",
    Permission.SETTINGS_WRITE: "Change settings and connected Jira sites",
}
