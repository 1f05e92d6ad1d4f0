from django.shortcuts import render


def beacon(request):
    return render(request, "beacon.html")
