from celery import shared_task
from django.db.models import F

from orders.models import Shelf


@shared_task
def restock():
    return Shelf.objects.update(restocked=F("restocked") + 1)
