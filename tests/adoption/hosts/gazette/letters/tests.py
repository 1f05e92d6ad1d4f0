from channels.testing import WebsocketCommunicator
from django.test import TestCase
from gazette.asgi import application


class PagesTests(TestCase):
    def test_the_policy_is_strict(self):
        policy = self.client.get("/").headers["Content-Security-Policy"]
        self.assertIn("default-src 'self'", policy)
        self.assertNotIn("unsafe", policy)

    def test_an_unknown_address_is_not_found(self):
        self.assertContains(self.client.get("/nothing/here/"), "<h1>Not Found</h1>", status_code=404)


class LettersTests(TestCase):
    async def test_letters_are_printed(self):
        communicator = WebsocketCommunicator(application, "/letters/")
        connected, _ = await communicator.connect(timeout=20)
        self.assertTrue(connected)
        await communicator.send_to(text_data="hello")
        self.assertEqual(await communicator.receive_from(timeout=20), "printed: hello")
        await communicator.disconnect(timeout=20)
