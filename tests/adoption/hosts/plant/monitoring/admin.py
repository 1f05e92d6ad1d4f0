from django.contrib import admin

from monitoring.models import Minute, Node

admin.site.register([Node, Minute])
