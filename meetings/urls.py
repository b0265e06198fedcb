from django.urls import include, path

from meetings.views import (
    availability,
    booking,
    calendar,
    dashboard,
    home,
    join,
    meeting,
    mentors,
    notifications,
    reschedule,
)

app_name = "meetings"

own_calendar = [
    path("connect/", calendar.connect, name="calendar_connect"),
    path("callback/", calendar.callback, name="calendar_callback"),
    path("disconnect/", calendar.disconnect, name="calendar_disconnect"),
]

one_meeting = [
    path("", meeting.meeting, name="meeting"),
    path("reschedule/", reschedule.reschedule, name="reschedule"),
    path("cancel/", meeting.cancel, name="cancel"),
    path("complete/", meeting.complete, name="complete"),
    path("rate/", meeting.rate, name="rate"),
    path("notes/", meeting.notes, name="notes"),
    path("private-notes/", meeting.private_notes, name="private_notes"),
    path("invitation.ics", meeting.ics, name="ics"),
    path("link/", meeting.link, name="link"),
]

bell = [
    path("", notifications.notifications, name="notifications"),
    path("bell/", notifications.bell, name="bell"),
    path("read/", notifications.read_all, name="read_all"),
    path("<uuid:notification_id>/read/", notifications.read, name="read"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("mentors/", mentors.mentors, name="mentors"),
    path("mentors/<uuid:mentor_id>/", mentors.mentor, name="mentor"),
    path("book-session/<uuid:mentor_id>/", booking.book, name="book"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("meetings/<uuid:meeting_id>/", include(one_meeting)),
    path("join/<slug:token>/", join.join, name="join"),
    path("availability/", availability.availability, name="availability"),
    path("settings/calendar/", include(own_calendar)),
    path("settings/notifications/", notifications.choices, name="mail_choices"),
    path("notifications/", include(bell)),
    path("unsubscribe/<str:token>/", notifications.unsubscribe, name="unsubscribe"),
]
