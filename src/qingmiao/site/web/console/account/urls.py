from __future__ import annotations

from django.urls import path

from qingmiao.site.web.console.account import views

urlpatterns = [
    path("login", views.login, name="account.login"),
    path("login/forgotten", views.forgotten, name="account.forgotten"),
    path("login/code", views.code, name="account.code"),
    path("login/enrol", views.enrol, name="account.enrol"),
    path("account/logout", views.logout, name="account.logout"),
    path("account/password", views.password, name="account.password"),
    path("account/sessions", views.own_sessions, name="account.sessions"),
]
