"""All addresses: pages, the viewers' socket, the API and `/metrics`, at whatever prefix a project includes them."""

from dashboard.urls import app_name, urlpatterns

__all__ = ["app_name", "urlpatterns"]
