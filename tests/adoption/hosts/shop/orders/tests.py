from channels.testing import WebsocketCommunicator
from django.test import TestCase, TransactionTestCase
from shop.asgi import application
from shop.celery import app

from orders.models import Shelf
from orders.tasks import restock


class PagesTests(TestCase):
    def test_goods_are_shown(self):
        Shelf.objects.create(goods="apples", left=12)
        self.assertContains(self.client.get("/"), "<li>apples: 12</li>")

    def test_the_staff_has_its_own_page_to_sign_in(self):
        self.assertContains(self.client.get("/accounts/login/"), "For the staff of the shop")


class TasksTests(TestCase):
    def test_shelves_are_restocked(self):
        Shelf.objects.create(goods="apples")
        self.assertEqual(restock.apply().get(), 1)
        self.assertEqual(Shelf.objects.get().restocked, 1)

    def test_restocking_is_scheduled(self):
        self.assertEqual(app.conf.beat_schedule["restock"], {"task": "orders.tasks.restock", "schedule": 1.0})


class OrdersTests(TransactionTestCase):
    async def test_an_order_is_announced(self):
        await Shelf.objects.acreate(goods="apples", left=12)
        communicator = WebsocketCommunicator(application, "/ws/orders/")
        connected, _ = await communicator.connect(timeout=20)
        self.assertTrue(connected)
        await communicator.send_json_to({"order": "apples"})
        placed = await communicator.receive_json_from(timeout=20)
        self.assertEqual(placed, {"order": "apples", "left": 12, "note": ""})
        await communicator.disconnect(timeout=20)
