from django.http import Http404, HttpRequest, HttpResponse


def join(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404
