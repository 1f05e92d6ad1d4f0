from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from rest_framework import serializers, viewsets

from feed.models import Message


class MessageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Message
        fields = ["id", "author", "text"]
        read_only_fields = ["author"]


class MessageViewSet(viewsets.ModelViewSet):
    queryset = Message.objects.all()
    serializer_class = MessageSerializer

    def perform_create(self, serializer):
        serializer.save(author=self.request.user)


def about(request):
    return render(request, "feed/about.html")


def metrics(request):
    """For the project's own Prometheus."""
    return HttpResponse(f"feed_users_total {User.objects.count()}\n", content_type="text/plain")


def avatar(request):
    """Everybody's picture, until there are others."""
    picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><circle cx="1" cy="1" r="1"/></svg>'
    return HttpResponse(picture, content_type="image/svg+xml")
