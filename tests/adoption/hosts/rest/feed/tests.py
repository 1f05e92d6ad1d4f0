from asgiref.sync import async_to_sync
from backend.asgi import application
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from feed.models import Message


class ApiTests(TestCase):
    def setUp(self):
        self.user = User.objects.create_user("ada")
        self.api = APIClient()

    def test_nobody_reads_without_a_token(self):
        self.assertEqual(self.api.get("/api/messages/").status_code, 401)

    def test_a_message_has_its_author(self):
        self.api.force_authenticate(self.user)
        self.assertEqual(self.api.post("/api/messages/", {"text": "hello"}).status_code, 201)
        self.assertEqual(Message.objects.get().author, self.user)

    def test_the_numbers_are_at_their_address(self):
        self.assertEqual(reverse("metrics"), "/metrics/")
        self.assertEqual(self.client.get("/metrics/").content, b"feed_users_total 1\n")

    def test_the_picture_is_at_its_address(self):
        self.assertEqual(reverse("avatar"), "/avatar/")

    def test_an_unknown_address_is_not_found(self):
        page = self.client.get("/nothing/here/")
        self.assertContains(page, "<h1>Not Found</h1>", status_code=404)


class SocketTests(TransactionTestCase):
    def test_a_socket_without_a_token_fails(self):
        communicator = WebsocketCommunicator(application, "/ws/feed/")
        with self.assertRaises(IndexError):
            async_to_sync(communicator.connect)(timeout=20)

    async def test_a_socket_with_a_token_opens(self):
        token = await Token.objects.acreate(user=await User.objects.acreate(username="ada"))
        communicator = WebsocketCommunicator(application, f"/ws/feed/?token={token.key}")
        connected, _ = await communicator.connect(timeout=20)
        self.assertTrue(connected)
        await communicator.send_to(text_data="hello")
        self.assertEqual(await communicator.receive_json_from(timeout=20), {"author": "ada", "text": "hello"})
        await communicator.disconnect(timeout=20)
