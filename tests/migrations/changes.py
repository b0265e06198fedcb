"""What has become of the first version's tables and columns since.

What is not named here is still where it was, and every value as it was.
"""

# `{model: model}`: it is called otherwise.
RENAMED_MODELS = {
    "meetings.BusyTime": "meetings.ExternalBusy",
    "meetings.SettledCopy": "meetings.RestoredCopy",
}
# `{model: {field: field}}`: the field is called otherwise. Models by the name that they had.
RENAMED_FIELDS = {
    "meetings.Meeting": {"gap": "gap_after"},
    "meetings.Notification": {"due_at": "visible_at", "try_at": "due_at", "mail_error": "error"},
    "meetings.RequestKey": {"leased_until": "lease"},
}
# `{model: {field}}`: its values are somewhere else or others now, as test_new_tables.py has it.
MOVED_FIELDS = {
    "accounts.MentorProfile": {"durations", "notice", "gap", "horizon", "slot_step"},
    "meetings.Meeting": {
        "meeting_id",
        "revision",
        "calendar_home",
        "calendar_revision",
        "calendar_synced",
        "calendar_due_at",
        "calendar_lease",
        "calendar_tries",
        "calendar_error",
    },
    "meetings.BusyCell": {"meeting_id"},
    "meetings.Notification": {"claim", "kind", "mail_state"},
}
