import random
from itertools import pairwise

import msgspec

from avatar_site.expressions import EXPRESSIONS
from avatar_site.protocol import Expression, Pose, Say, decode
from avatar_site.walk import Walk


def test_a_course_is_smooth_and_stays_on_the_canvas():
    walk = Walk(random.Random(1))
    poses = [walk.pose() for _ in range(500)]
    assert all(0 <= pose["x"] <= 1 and 0 <= pose["y"] <= 1 for pose in poses)
    assert all(abs(a["x"] - b["x"]) < 0.03 and abs(a["y"] - b["y"]) < 0.03 for a, b in pairwise(poses))


def test_a_course_moves_around():
    walk = Walk(random.Random(1))
    xs = [walk.pose()["x"] for _ in range(500)]
    assert max(xs) - min(xs) > 0.3


def test_the_same_seed_gives_the_same_course():
    one, other = Walk(random.Random(7)), Walk(random.Random(7))
    assert [one.act() for _ in range(50)] == [other.act() for _ in range(50)]


def test_everything_it_does_is_a_message_of_the_protocol():
    walk = Walk(random.Random(1))
    acts = [decode(msgspec.json.encode(walk.act()).decode()) for _ in range(300)]
    assert {type(act) for act in acts} == {Pose, Expression, Say}
    for _ in range(100):
        decode(msgspec.json.encode(walk.telemetry()).decode())


def test_it_makes_every_face_that_there_is_and_no_other():
    walk = Walk(random.Random(1))
    acts = [walk.act() for _ in range(5000)]
    assert {act["name"] for act in acts if act["type"] == "expression"} == set(EXPRESSIONS)


def test_what_it_says_is_in_no_language():
    walk = Walk(random.Random(1))
    said = {act["text"] for act in (walk.act() for _ in range(5000)) if act["type"] == "say"}
    assert len(said) > 1
    assert not any(character.isalpha() for text in said for character in text)
