"""The URLs of the site."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _

from meetings.views import styleguide
from p2plearn import api

# Staff log in where everybody does, so that rate limits and second factors apply to them too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.index_title = _("Administration")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("meetings.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]
if not settings.IS_PRODUCTION:
    urlpatterns += [path("styleguide/", styleguide.styleguide, name="styleguide")]

handler500 = "p2plearn.errors.server_error"
