new WebSocket(`ws://${location.host}/letters/`).onmessage = (message) => document.body.append(message.data);
