from django.contrib import admin

from orders.models import Shelf

admin.site.register(Shelf)
