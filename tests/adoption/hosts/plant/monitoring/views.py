from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render

from monitoring import LIMIT
from monitoring.models import Minute, Node


@login_not_required
def machines(request):
    return render(request, "monitoring/machines.html", {"nodes": Node.objects.order_by("name"), "limit": LIMIT})


@login_not_required
def metrics(request):
    return HttpResponse(f"plant_minutes {Minute.objects.count()}\n", content_type="text/plain")
