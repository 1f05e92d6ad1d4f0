from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.test import TestCase
from django.urls import reverse
from salon.asgi import application


class LanguagesTests(TestCase):
    def test_the_first_page_is_in_the_readers_language(self):
        self.assertRedirects(self.client.get("/", headers={"accept-language": "ko"}), "/ko/")

    def test_numbers_and_times_are_written_as_in_germany_and_told_as_in_india(self):
        self.assertContains(self.client.get("/de/"), "1.234.567, 1. Februar 2026 01:30")

    def test_an_address_without_a_language_stays(self):
        self.assertContains(self.client.get("/hello/"), "hello")

    def test_an_unknown_address_is_not_found(self):
        self.assertEqual(self.client.get("/de/nothing/").status_code, 404)


class PeopleTests(TestCase):
    def test_people_sign_in_by_their_address(self):
        get_user_model().objects.create_user("ada@example.org", "password of ada")
        form = {"username": "ada@example.org", "password": "password of ada"}
        self.assertRedirects(self.client.post("/de/sign-in/", form), "/de/")

    def test_the_office_is_the_salons_own(self):
        self.client.force_login(get_user_model().objects.create_superuser("ada@example.org"))
        self.assertContains(self.client.get(reverse("admin:index")), "Back office")


class GuestsTests(TestCase):
    async def test_strangers_are_no_guests(self):
        communicator = WebsocketCommunicator(application, "/guests/")
        connected, _ = await communicator.connect(timeout=20)
        self.assertFalse(connected)
