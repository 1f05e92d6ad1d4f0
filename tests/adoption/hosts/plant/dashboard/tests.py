from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.test import SimpleTestCase, TestCase
from plant.asgi import application


class PagesTests(TestCase):
    def test_the_plant_is_for_those_who_sign_in(self):
        self.assertRedirects(self.client.get("/"), "/sign-in/?next=/")

    def test_customers_are_listed(self):
        self.client.force_login(User.objects.create_user("ada"))
        page = self.client.get("/clients/")
        self.assertTemplateUsed(page, "dashboard/base.html")
        self.assertContains(page, "<li>smith</li><li>miller</li>", html=False)

    def test_an_unknown_address_is_not_found(self):
        self.client.force_login(User.objects.create_user("ada"))
        self.assertContains(self.client.get("/nothing/here/"), "<h1>Not Found</h1>", status_code=404)


class FilesTests(SimpleTestCase):
    def test_templates_and_styles_are_the_plants_own(self):
        self.assertIn("The plant works", get_template("dashboard/live.html").template.source)
        with open(finders.find("dashboard/page.css")) as style:
            self.assertEqual(style.read(), "nav { background: silver; }\n")


class SocketTests(TestCase):
    async def test_the_numbers_are_the_plants_own(self):
        communicator = WebsocketCommunicator(application, "/ws/metrics/")
        connected, _ = await communicator.connect(timeout=20)
        self.assertTrue(connected)
        self.assertEqual(await communicator.receive_json_from(timeout=20), {"type": "metrics", "machines": 1})
        await communicator.disconnect(timeout=20)
