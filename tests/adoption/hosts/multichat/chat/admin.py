from django.contrib import admin

from chat.models import Room

admin.site.register(Room, list_display=["id", "title", "staff_only"])
