"""What all who watch the registry ask it is asked once."""

import time

from microflack_common.registry import Tree
from microflack_common.registry_pulse import RegistryPulse


class Asked:
    """A registry that counts how often it is asked where it is."""

    def __init__(self):
        self.keys = []

    def tree(self, key, newest=True):
        self.keys.append(key)
        return Tree(len(self.keys), None)


def test_an_answer_serves_all_who_have_waited_since_before_it_was_asked_for():
    registry, pulse = Asked(), RegistryPulse()
    began = time.monotonic()
    assert pulse.index(registry, "/a/probe", began) == 1
    assert pulse.index(registry, "/b/probe", began) == 1
    assert registry.keys == ["/a/probe"]


def test_who_has_waited_since_later_asks_again():
    registry, pulse = Asked(), RegistryPulse()
    pulse.index(registry, "/a/probe", time.monotonic())
    assert pulse.index(registry, "/b/probe", time.monotonic()) == 2
    assert registry.keys == ["/a/probe", "/b/probe"]
