"""How people get in, and what they do about it, under /accounts/: allauth's pages, without those that we don't use."""

from allauth.socialaccount.providers.google.views import oauth2_callback, oauth2_login
from django.urls import include, path

from . import sessions

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    path("google/login/", oauth2_login, name="google_login"),
    path("google/login/callback/", oauth2_callback, name="google_callback"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/<int:session_id>/end", sessions.end, name="session_end"),
]
