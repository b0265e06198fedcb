from django.http import Http404, HttpRequest, HttpResponse


def dashboard(request: HttpRequest, **ids: object) -> HttpResponse:
    raise Http404
