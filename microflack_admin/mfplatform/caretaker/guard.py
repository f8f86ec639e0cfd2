"""Have the caretaker go on when it stands still itself: it is the only one that looks.

A process of the same program does, which is nobody's child, so that what is done to the
caretaker and its children is not done to it. It ends with the caretaker, however that
ends: nothing then holds the other end of a pipe.
"""

import os
import select
import signal

from mfplatform.state import process_tree

LOOK_SECONDS = 1.5
# Looks, one after the other, at which it has to stand still.
STILL_LOOKS = 2


def start() -> None:
    """Have this process looked after; to be called before it has threads."""
    watched = os.getpid()
    ended, lives = os.pipe()
    child = os.fork()
    if child:
        os.close(ended)
        os.waitpid(child, 0)
        # The other end of the pipe stays open until this process ends.
        return
    try:
        os.close(lives)
        if not os.fork():
            _watch(watched, ended)
    finally:
        os._exit(0)


def _watch(pid: int, ended: int) -> None:
    """Look until the other end of a pipe is closed."""
    looks = 0
    while not select.select([ended], [], [], LOOK_SECONDS)[0]:
        looks = looks + 1 if process_tree.stands_still(pid) else 0
        if looks >= STILL_LOOKS:
            process_tree.send(pid, signal.SIGCONT)
