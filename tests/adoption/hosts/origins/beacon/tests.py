from channels.testing import WebsocketCommunicator
from django.test import TestCase, override_settings
from signals.asgi import application

PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@override_settings(STORAGES=PLAIN)
class PagesTests(TestCase):
    def test_strangers_are_greeted(self):
        self.assertContains(self.client.get("/"), "Hello stranger.")

    def test_an_unknown_address_has_a_page_of_its_own(self):
        self.assertContains(self.client.get("/nothing/"), "There is no beacon here.", status_code=404)

    def test_signing_in_has_a_page_of_its_own(self):
        self.assertContains(self.client.get("/login/"), "Sign in to Signals")


class BeaconTests(TestCase):
    async def connected(self, origin):
        communicator = WebsocketCommunicator(application, "/beacon/1", headers=[(b"origin", origin)])
        connected, _ = await communicator.connect(timeout=20)
        return connected, communicator

    async def test_it_answers_its_own_pages(self):
        connected, communicator = await self.connected(b"http://testserver")
        self.assertTrue(connected)
        await communicator.send_to(bytes_data=b"\x00")
        self.assertEqual(await communicator.receive_from(timeout=20), b"\x00")
        await communicator.disconnect(timeout=20)

    async def test_it_refuses_pages_of_others(self):
        connected, _ = await self.connected(b"http://elsewhere.example")
        self.assertFalse(connected)
