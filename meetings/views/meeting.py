from django.http import Http404, HttpRequest, HttpResponse


def meeting(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404


def cancel(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404


def complete(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404


def rate(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404


def notes(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404


def private_notes(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404


def ics(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404


def link(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404
