from django.shortcuts import render
from orders.models import Shelf


def shop(request):
    return render(request, "orders/shop.html", {"shelves": Shelf.objects.order_by("goods")})
