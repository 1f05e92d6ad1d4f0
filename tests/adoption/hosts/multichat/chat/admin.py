from chat.models import Room
from django.contrib import admin

admin.site.register(Room, list_display=["id", "title", "staff_only"])
