from django.shortcuts import render


def live(request):
    return render(request, "dashboard/live.html")


def clients(request):
    return render(request, "dashboard/clients.html", {"clients": ["smith", "miller"]})
