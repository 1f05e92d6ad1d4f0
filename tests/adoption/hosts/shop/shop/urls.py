from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path
from orders.views import restocked, shop

urlpatterns = [
    path("", shop, name="shop"),
    path("restocked/", restocked, name="restocked"),
    path("accounts/", include("django.contrib.auth.urls")),
    path("admin/", admin.site.urls),
]
urlpatterns += staticfiles_urlpatterns()
