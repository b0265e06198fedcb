from django.urls import include, path, re_path

from accounts import photo_views, views

app_name = "accounts"

own = [
    path("", views.settings, name="settings"),
    path("scheme/", views.scheme, name="scheme"),
    path("language/", views.language, name="language"),
    path("mentor/", views.mentor_profile, name="mentor_profile"),
    path("photo/", photo_views.change, name="change_photo"),
    path("photo/remove/", photo_views.remove, name="remove_photo"),
]

urlpatterns = [
    path("settings/", include(own)),
    re_path(
        r"^photos/(?P<name>[0-9a-f]{32})-(?P<side>96|192|384)\.webp$",
        photo_views.photo,
        name="photo",
    ),
]
