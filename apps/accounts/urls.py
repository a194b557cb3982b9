"""Signing in and out with a browser."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from apps.accounts.forms import SignInForm

urlpatterns = [
    path("login/", LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
