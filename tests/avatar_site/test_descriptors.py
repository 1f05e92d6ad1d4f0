import os
import resource
import subprocess
import sys

from avatar_site import descriptors

RAISE = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))
from avatar_site import descriptors
print(descriptors.raise_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE))
files = []
while True:
    before = descriptors.left()
    try:
        files.append(open("/dev/null"))
    except OSError:
        break
print(before)
"""


def test_the_soft_limit_is_raised_to_the_hard_one_and_none_are_left_at_its_end():
    done = subprocess.run([sys.executable, "-c", RAISE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["300", "300", "300", "0"]


def test_open_descriptors_are_not_left():
    before = descriptors.left()
    assert before <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
    after = descriptors.left()
    for file in files:
        os.close(file)
    # Each takes the lowest free number, so the next free one is higher by at least as many.
    assert after <= before - 20
