"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path

from avatar_site import views
from avatar_site.sign_in import one_at_a_time
from avatar_site.texts import avatar_texts
from monitoring import health

urlpatterns = [
    path("login/", one_at_a_time(LoginView.as_view()), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", views.language, name="language"),
    path("avatar/", views.avatar, name="avatar"),
    path("avatar/ticket/", views.avatar_ticket, name="avatar-ticket"),
    path("avatar/texts/<str:language>.js", avatar_texts, name="avatar-texts"),
    path("admin/login/", one_at_a_time(admin.site.login)),
    path("admin/", admin.site.urls),
    # Browsers request this one for pages that name no icon, such as the admin's.
    path("favicon.ico", lambda _request: HttpResponseRedirect(static("avatar_monitoring/icon.svg"))),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("dashboard.urls")),
]
