from django.shortcuts import render

from monitoring.models import Sensor


def sensors(request):
    return render(request, "monitoring/sensors.html", {"sensors": Sensor.objects.all()})
