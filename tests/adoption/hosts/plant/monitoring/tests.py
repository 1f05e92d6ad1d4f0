from django.contrib.auth.models import Permission
from django.test import TestCase
from django.urls import reverse

from monitoring.models import Node


class MachinesTests(TestCase):
    def test_machines_are_listed(self):
        Node.objects.create(name="press")
        self.assertContains(self.client.get("/monitoring/"), "press stops at 90 °C")

    def test_the_names_of_its_pages_are_its_own(self):
        self.assertEqual(reverse("monitoring:live"), "/monitoring/")
        self.assertEqual(reverse("monitoring:metrics"), "/monitoring/metrics")

    def test_its_permission_is_its_own(self):
        self.assertEqual(
            Permission.objects.get(codename="view_live", content_type__app_label="monitoring").name,
            "Can watch the machines",
        )
