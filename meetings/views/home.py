from django.http import Http404, HttpRequest, HttpResponse


def home(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404
