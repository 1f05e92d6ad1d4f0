"""What a simulated avatar does: a face that wanders smoothly over the canvas, and how fast its screen draws."""

import math
import random
from typing import Any

from avatar_site.expressions import EXPRESSIONS

SAYINGS = ("♪ ♫", "☺", "♥", "★ ★ ★", "?!", "…")
"""The same to a reader of any language: everybody in a room hears the same text."""

EXPRESSION_SHARE, SAY_SHARE = 0.04, 0.02
BLINK_SHARE = 0.05


class Walk:
    """One avatar's random course; the same generator gives the same course."""

    def __init__(self, generator: random.Random) -> None:
        self._random = generator
        self._x, self._y = generator.random(), generator.random()
        self._heading = generator.uniform(0, 2 * math.pi)
        self._usual_fps = generator.choice((30.0, 60.0, 60.0, 60.0, 120.0))

    def act(self) -> dict[str, Any]:
        """Its next action: usually a pose, sometimes an expression or a saying."""
        chance = self._random.random()
        if chance < SAY_SHARE:
            return {"type": "say", "text": self._random.choice(SAYINGS)}
        if chance < SAY_SHARE + EXPRESSION_SHARE:
            return {"type": "expression", "name": self._random.choice(list(EXPRESSIONS))}
        return self.pose()

    def pose(self) -> dict[str, Any]:
        """One small step, away from the canvas's edges: x and y from 0 to 1, gaze from -1 to 1 in its direction."""
        self._heading += self._random.gauss(0, 0.4)
        gaze_x, gaze_y = math.cos(self._heading), math.sin(self._heading)
        x, y = self._x + gaze_x * 0.02, self._y + gaze_y * 0.02
        if not (0 <= x <= 1 and 0 <= y <= 1):
            self._heading += math.pi
        self._x, self._y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
        return {
            "type": "pose",
            "x": round(self._x, 4),
            "y": round(self._y, 4),
            "gaze_x": round(gaze_x, 3),
            "gaze_y": round(gaze_y, 3),
            "blink": self._random.random() < BLINK_SHARE,
            "mouth": round(abs(self._random.gauss(0, 0.25)) % 1, 3),
        }

    def telemetry(self) -> dict[str, Any]:
        """The last seconds of drawing: frames per second, frame time in ms, the slowest rate and the long frames."""
        fps = max(1.0, self._usual_fps - abs(self._random.gauss(0, self._usual_fps * 0.03)))
        return {
            "type": "telemetry",
            "fps": round(fps, 1),
            "frame_time_ms": round(1000 / fps, 2),
            "low_fps": round(fps * self._random.uniform(0.6, 0.95), 1),
            "long_frames": int(self._random.expovariate(1)),
            "hidden": False,
        }
