from django.http import Http404, HttpRequest, HttpResponse


def reschedule(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404
