from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from meetings.booking import lifecycle
from meetings.domain.errors import BookingError
from meetings.forms.messages import count_refusal, text_of
from meetings.views.objects import view_by_token_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The permanent address of a meeting: a page with a button, whose POST leads to the room.

    The POST returns a page that redirects by itself: our content security policy, form-action
    'self', would block a redirect to another host in response to a form.
    """
    view, refusal, status = view_by_token_or_404(request, token), "", HTTPStatus.OK
    if request.method == "POST":
        try:
            room = lifecycle.join(view.meeting, by=view.viewer)
        except BookingError as error:
            view = view_by_token_or_404(request, token)
            count_refusal(error)
            refusal, status = text_of(error), HTTPStatus.CONFLICT
        else:
            return render(request, "meetings/meeting/joining.html", {"view": view, "room": room})
    return render(
        request, "meetings/meeting/join.html", {"view": view, "refusal": refusal}, status=status
    )
