from channels.generic.websocket import WebsocketConsumer


class LetterConsumer(WebsocketConsumer):
    """Prints letters to the editor."""

    groups = ["readers"]

    def receive(self, text_data=None, bytes_data=None):
        self.send(text_data=f"printed: {text_data}")
