from django.http import Http404, HttpRequest, HttpResponse


def settings(request: HttpRequest) -> HttpResponse:
    raise Http404


def mentor_profile(request: HttpRequest) -> HttpResponse:
    raise Http404
