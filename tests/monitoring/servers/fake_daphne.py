"""daphne's objects for a WebSocket, as far as a link uses them."""

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial

MEGABYTE = 1024 * 1024


class Transport:
    """Twisted's side of a socket, which accepts this many bytes at a time."""

    def __init__(self) -> None:
        self.dataBuffer = b""
        self.offset = 0
        self._tempDataLen = 0
        self.takes: int | Exception = MEGABYTE
        self.tried = []
        self.written = []
        self.log = []

    def writeSomeData(self, data):  # noqa: N802 - Twisted's name
        self.tried.append(data)
        return self.takes if isinstance(self.takes, Exception) else min(self.takes, len(data))

    def write(self, data):
        self.written.append(data)

    def pauseProducing(self):  # noqa: N802
        self.log.append("pause")

    def resumeProducing(self):  # noqa: N802
        self.log.append("resume")

    def loseConnection(self):  # noqa: N802
        self.log.append("lose")

    def abortConnection(self):  # noqa: N802
        self.log.append("abort")


@dataclass
class Frame:
    opcode: int
    fin: bool = True
    payload: bytes = b""


class Protocol:
    """daphne's side of a WebSocket."""

    STATE_OPEN = 3

    def __init__(self) -> None:
        self.state = self.STATE_OPEN
        self.transport = Transport()
        self.queue = asyncio.Queue()
        self.maxMessagePayloadSize = self.maxFramePayloadSize = MEGABYTE
        self.failedByMe = self.closedByMe = False
        self.wasMaxMessagePayloadSizeExceeded = self.wasMaxFramePayloadSizeExceeded = False
        self.wasNotCleanReason = None
        self.lost = []
        self.data = deque()
        self.limits_while_sending = []
        self.closed = []
        self.too_long = []
        self.pongs = []
        self.pongs_asked = []
        self.last_ping = 0.0
        self.autoPingTimeoutCall = None

    def connectionLost(self, reason):  # noqa: N802
        self.lost.append(reason)

    def arrives(self, *messages: bytes) -> None:
        """Handles messages as autobahn does, which may have to wait."""
        self.data.extend(messages)
        self.consumeData()

    def consumeData(self):  # noqa: N802
        while self.processData():
            continue

    def processData(self):  # noqa: N802
        if not self.data:
            return False
        arrived = self.data.popleft()
        self.current_frame = arrived if isinstance(arrived, Frame) else Frame(2, fin=True, payload=arrived)
        self.onFrameEnd()
        return True

    def onFrameEnd(self):  # noqa: N802
        frame = self.current_frame
        if frame.opcode == 9:
            self.onPing(frame.payload)
        elif frame.opcode < 8 and frame.fin:
            self.message_data, self.message_is_binary = [frame.payload], True
            self.onMessageEnd()

    def onPing(self, payload):  # noqa: N802
        self.pongs_asked.append(payload)

    def sendPong(self, payload):  # noqa: N802
        self.pongs.append(payload)

    def _cancelAutoPingTimeoutCall(self):  # noqa: N802
        self.autoPingTimeoutCall = None

    def _dataReceived(self, data): ...  # noqa: N802

    def onMessageEnd(self):  # noqa: N802
        self.onMessage(b"".join(self.message_data), self.message_is_binary)

    def onMessage(self, payload, is_binary):  # noqa: N802
        self.queue.put_nowait({"type": "websocket.receive", "bytes": payload})

    def onPong(self, payload): ...  # noqa: N802

    def onClose(self, *how):  # noqa: N802
        self.closed.append(how)

    def _max_message_size_exceeded(self, *reason):
        self.too_long.append(reason)

    async def send(self, message):
        self.limits_while_sending.append(self.maxMessagePayloadSize)
        if message.get("fails"):
            raise ValueError("not accepted")


def ends(protocol: Protocol):
    """`receive` and `send` as daphne hands them out."""

    async def handle_reply(protocol, message):
        await protocol.send(message)

    return protocol.queue.get, partial(handle_reply, protocol)
