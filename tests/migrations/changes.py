"""Changes of tables and columns since the first version.

All tables, columns and values that are not listed here are unchanged.
"""

# `{old model: new model}`: renamed models.
RENAMED_MODELS = {
    "meetings.BusyTime": "meetings.ExternalBusy",
    "meetings.SettledCopy": "meetings.RestoredCopy",
}
# `{old model: {old field: new field}}`: renamed fields.
RENAMED_FIELDS = {
    "meetings.Meeting": {"gap": "gap_after"},
    "meetings.Notification": {"due_at": "visible_at", "try_at": "due_at", "mail_error": "error"},
    "meetings.RequestKey": {"leased_until": "lease"},
}
# `{old model: {field}}`: values that were moved or changed; test_new_tables.py checks them.
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
