from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from people.views import hello

urlpatterns = [path("hello/", hello)]

urlpatterns += i18n_patterns(
    path("office/", admin.site.urls),
    path("", include("people.urls")),
)
