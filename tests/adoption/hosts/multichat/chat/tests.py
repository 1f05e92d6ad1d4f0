from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser, User
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from multichat.routing import application

from chat.models import Room


class PagesTests(TestCase):
    def test_the_rooms_need_a_sign_in(self):
        self.assertRedirects(self.client.get("/"), "/accounts/login/?next=/")

    def test_the_login_page_is_the_chats_own(self):
        page = self.client.get(reverse("login"))
        self.assertTemplateUsed(page, "registration/login.html")
        self.assertContains(page, "Welcome to Multichat")

    def test_the_rooms_are_listed(self):
        Room.objects.create(title="Attic")
        self.client.force_login(User.objects.create_user("ada"))
        self.assertContains(self.client.get("/"), "Attic")

    def test_signing_out_leads_to_the_admins_page(self):
        self.client.force_login(User.objects.create_user("ada"))
        self.assertTemplateUsed(self.client.post(reverse("logout")), "registration/logged_out.html")

    def test_an_unknown_address_is_not_found(self):
        self.assertEqual(self.client.get("/nothing/here/").status_code, 404)


class ChatTests(TransactionTestCase):
    async def test_nobody_chats_without_a_name(self):
        communicator = WebsocketCommunicator(application, "/chat/stream/")
        communicator.scope["user"] = AnonymousUser()
        connected, _ = await communicator.connect(timeout=20)
        self.assertFalse(connected)
