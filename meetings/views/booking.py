from django.http import Http404, HttpRequest, HttpResponse


def book(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404
