from django.http import HttpResponse
from django.shortcuts import render

from orders.models import Shelf


def shop(request):
    return render(request, "orders/shop.html", {"shelves": Shelf.objects.order_by("goods")})


def restocked(request):
    """Whether somebody works in the background."""
    return HttpResponse("yes" if Shelf.objects.filter(restocked__gt=0).exists() else "no", content_type="text/plain")
