import os
import resource
import subprocess
import sys

from avatar_site.front import door

RAISE = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))
from avatar_site.front import door
print(door.raise_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))
files = []
while True:
    before = door.left()
    try:
        files.append(open("/dev/null"))
    except OSError:
        break
print(before)
"""


def test_the_soft_limit_is_raised_to_the_hard_one_and_at_its_end_nothing_is_left():
    done = subprocess.run([sys.executable, "-c", RAISE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["300", "300", "300", "0"]


def test_what_is_open_is_not_left():
    before = door.left()
    assert before <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
    after = door.left()
    for file in files:
        os.close(file)
    # Each takes the lowest that is free, so the next free one is higher by at least as many.
    assert after <= before - 20
