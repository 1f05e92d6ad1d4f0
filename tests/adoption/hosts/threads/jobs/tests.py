from channels.testing import WebsocketCommunicator
from django.test import TestCase, TransactionTestCase
from workshop.asgi import application

from jobs.models import Job


class PageTests(TestCase):
    def test_benches_are_listed(self):
        Job.objects.create(bench="lathe", letters=5)
        self.assertContains(self.client.get("/"), "<li>lathe</li>")

    def test_it_says_that_nobody_works(self):
        self.assertContains(self.client.get("/"), "nobody works")


class JobTests(TransactionTestCase):
    async def test_a_job_is_done_and_stored(self):
        communicator = WebsocketCommunicator(application, "/jobs/vice/")
        connected, _ = await communicator.connect(timeout=20)
        self.assertTrue(connected)
        self.assertEqual(await communicator.receive_json_from(timeout=20), {"bench": "vice"})
        await communicator.send_json_to({"text": "abc"})
        done = await communicator.receive_json_from(timeout=20)
        self.assertEqual(done, {"done": "cba", "on the main thread": False})
        await communicator.disconnect(timeout=20)
        self.assertEqual(await Job.objects.filter(bench="vice", letters=3).acount(), 1)
