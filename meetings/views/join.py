from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from meetings.booking import lifecycle
from meetings.domain.errors import BookingError
from meetings.forms.messages import refusal_of
from meetings.views.access import seen_at_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The permanent address of a meeting: a page with a button, whose POST leads to the room.

    The POST answers with a page that goes on by itself: a redirect from a form to another host
    would be blocked by our own policy, form-action 'self'.
    """
    seen, refusal, status = seen_at_or_404(request, token), "", HTTPStatus.OK
    if request.method == "POST":
        try:
            room = lifecycle.join(seen.meeting, by=seen.viewer)
        except BookingError as error:
            seen = seen_at_or_404(request, token)
            refusal, status = refusal_of(error), HTTPStatus.CONFLICT
        else:
            return render(request, "meetings/meeting/joining.html", {"seen": seen, "room": room})
    return render(
        request, "meetings/meeting/join.html", {"seen": seen, "refusal": refusal}, status=status
    )
