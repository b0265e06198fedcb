from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.settings, name="settings"),
    path("scheme/", views.scheme, name="scheme"),
    path("mentor/", views.mentor_profile, name="mentor_profile"),
]
