from django.http import Http404, HttpRequest, HttpResponse


def mentors(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404


def mentor(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404
