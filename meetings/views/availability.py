from django.http import Http404, HttpRequest, HttpResponse


def availability(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404
