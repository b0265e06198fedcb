"""The history of a meeting, in sentences for one of its participants."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.clocks import Style, moment_text
from accounts.models import User
from meetings.domain.policy import Change
from meetings.models import MeetingEvent
from meetings.views.meeting_view import MeetingView


@dataclass(frozen=True)
class HistoryLine:
    """One change: when, and a sentence that says what, and who did it."""

    at: datetime
    text: str


def history_of(view: MeetingView) -> list[HistoryLine]:
    """The changes, oldest first; one query."""
    events = MeetingEvent.objects.of(view.meeting.pk)
    return [HistoryLine(event.at, _sentence(event, view)) for event in events]


def _sentence(event: MeetingEvent, view: MeetingView) -> str:
    is_own = event.actor_id == view.viewer.pk
    return SENTENCES[Change(event.kind)](event, is_own) % {
        "name": _name(event.actor, view),
        "when": _moment(event.now_at, view.viewer),
        "was": _moment(event.was_at, view.viewer),
        "rating": event.after.get("rating", ""),
    }


def _name(actor: User | None, view: MeetingView) -> str:
    """The name of a participant; staff are the team; empty for the site itself."""
    if actor is None:
        return ""
    if view.meeting.has_participant(actor):
        return actor.name
    return _("The team of %(site)s") % {"site": settings.SITE_NAME}


def _moment(moment: datetime | None, viewer: User) -> str:
    return moment_text(moment.astimezone(viewer.zone), Style.DAY_SHORT) if moment else ""


def _booked(event: MeetingEvent, is_own: bool) -> str:
    return _("You booked it for %(when)s.") if is_own else _("%(name)s booked it for %(when)s.")


def _moved(event: MeetingEvent, is_own: bool) -> str:
    if event.actor_id is None:
        return _("It was moved from %(was)s to %(when)s.")
    if is_own:
        return _("You moved it from %(was)s to %(when)s.")
    return _("%(name)s moved it from %(was)s to %(when)s.")


def _cancelled(event: MeetingEvent, is_own: bool) -> str:
    if event.actor_id is None:
        return _("It was cancelled because one of the two accounts was closed.")
    return _("You cancelled it.") if is_own else _("%(name)s cancelled it.")


def _started(event: MeetingEvent, is_own: bool) -> str:
    return _("You were the first to join.") if is_own else _("%(name)s was the first to join.")


def _completed(event: MeetingEvent, is_own: bool) -> str:
    if event.actor_id is None:
        return _("It took place.")
    return _("You said that it took place.") if is_own else _("%(name)s said that it took place.")


def _edited(event: MeetingEvent, is_own: bool) -> str:
    changed = event.after.get("changed", [])
    if changed == ["subject"]:
        return _("You changed the subject.") if is_own else _("%(name)s changed the subject.")
    if changed == ["description"]:
        if is_own:
            return _("You changed the description.")
        return _("%(name)s changed the description.")
    if is_own:
        return _("You changed subject and description.")
    return _("%(name)s changed subject and description.")


def _rated(event: MeetingEvent, is_own: bool) -> str:
    if is_own:
        return _("You rated it with %(rating)s of 5.")
    return _("%(name)s rated it with %(rating)s of 5.")


SENTENCES: dict[Change, Callable[[MeetingEvent, bool], str]] = {
    Change.BOOKED: _booked,
    Change.MOVED: _moved,
    Change.CANCELLED: _cancelled,
    Change.STARTED: _started,
    Change.COMPLETED: _completed,
    Change.EDITED: _edited,
    Change.RATED: _rated,
}
