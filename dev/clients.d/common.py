"""What the scripts beside this one share: checks that say what they saw, and waiting with an end."""

import time

# Far longer than anything takes.
PATIENCE = 600


def expect(what, seen, wanted):
    if seen != wanted:
        raise SystemExit(f"{what}: saw {seen!r}, expected {wanted!r}")
    print(f"  {what}: ok")


def until(what, step):
    """Repeats a step until it says yes."""
    end = time.monotonic() + PATIENCE
    while not step():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {PATIENCE} s")
