import threading

from asgiref.sync import async_to_sync
from channels.generic.websocket import JsonWebsocketConsumer
from django.db import connection

from jobs.models import Job


class JobConsumer(JsonWebsocketConsumer):
    def connect(self):
        self.bench = self.scope["url_route"]["kwargs"]["bench"]
        async_to_sync(self.channel_layer.group_add)(self.bench, self.channel_name)
        self.accept()
        self.send_json({"bench": self.bench})

    def disconnect(self, code):
        async_to_sync(self.channel_layer.group_discard)(self.bench, self.channel_name)

    def receive_json(self, content):
        threading.Thread(target=self.work, args=[content["text"]], daemon=True).start()

    def work(self, text):
        Job.objects.create(bench=self.bench, letters=len(text))
        connection.close()
        done = {"type": "job.done", "text": text, "thread": threading.current_thread() is threading.main_thread()}
        async_to_sync(self.channel_layer.group_send)(self.bench, done)

    def job_done(self, event):
        self.send_json({"done": event["text"][::-1], "on the main thread": event["thread"]})
