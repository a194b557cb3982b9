"""Signing in and out with a browser, and looking after one's own account.

Of django-allauth's addresses those that are used, and no others: nobody signs up here, and e-mail is optional.
"""

from allauth.account import views
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from apps.accounts import account, languages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", account.account, name="account"),
    path("practice/", account.switch_practice, name="account_practice"),
    path("language/", languages.set_language, name="set-language"),
    path("login/", views.login, name="account_login"),
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="account_logout"),
    path("logout/", views.logout, name="logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.ChangePasswordView.as_view(), name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("two-step/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]

if settings.EMAIL_IS_SENT:
    urlpatterns += [
        path("password/reset/", views.password_reset, name="account_reset_password"),
        path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
        re_path(
            r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
            views.password_reset_from_key,
            name="account_reset_password_from_key",
        ),
        path(
            "password/reset/key/done/",
            views.password_reset_from_key_done,
            name="account_reset_password_from_key_done",
        ),
    ]

if settings.OIDC_ISSUER:
    from allauth.socialaccount import views as provider_views
    from allauth.socialaccount.providers.openid_connect import views as openid_connect

    from apps.accounts import single_sign_on

    urlpatterns += [
        path("provider/", provider_views.connections, name="socialaccount_connections"),
        path("provider/cancelled/", provider_views.login_cancelled, name="socialaccount_login_cancelled"),
        path("provider/error/", provider_views.login_error, name="socialaccount_login_error"),
        path("provider/signup/", provider_views.signup, name="socialaccount_signup"),
        path("provider/<str:provider_id>/login/", single_sign_on.begin, name="openid_connect_login"),
        path("provider/<str:provider_id>/callback/", openid_connect.callback, name="openid_connect_callback"),
    ]
