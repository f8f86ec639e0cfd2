"""The talk can be followed by typing what the guide shows, and nothing else."""

from contextlib import ExitStack

from checkouts import SERVICES, Elsewhere, MakeCheckout
from daemons import free_port
from guides import Guide

pytest_plugins = ["platform_fixtures", "guide_fixtures"]


def test_the_talk_can_be_followed(checkout: MakeCheckout, started: ExitStack) -> None:
    platform, guide = checkout(SERVICES), Guide("talk.md")
    ports = {"8081": free_port(), "8090": free_port()}
    folder = platform.user / "microflack-class"
    terminal = started.enter_context(platform.terminal(ports))
    clone, up = guide.commands("Follow the talk")
    terminal.type(clone)
    of_class = Elsewhere(folder, folder / ".microflack", ports["8081"])
    of_class.share_tools(platform)
    started.callback(of_class.remove)
    assert "renderer" in terminal.type(up)
    for step in ("v0.1: just the page", "v0.2: users", "v0.3: tokens"):
        for commands in guide.commands(step):
            said = terminal.type(commands)
    assert '"token":' in said
    # The page that is linked to.
    guide.write_files("v0.4: messages", folder)
    page = folder / "slow_page.py"
    page.write_text(page.read_text().replace("8090", str(ports["8090"])))
    run, post = guide.commands("v0.4: messages")
    terminal.type(run)
    assert "Worth the wait" in terminal.type(post)
    try_it, roll, again, *_others = guide.commands("v0.5: rendering in the background")
    begin = terminal.begin(try_it)
    terminal.wait_for("  |  new 2: ", begin)
    terminal.interrupt()
    terminal.type(roll)
    answer, listed = terminal.type(again).split("real")
    assert "Worth the wait" in listed and "Worth the wait" not in answer
    for step in ("v0.6: token revocation", "v1.0: Socket.IO"):
        for commands in guide.commands(step):
            said += terminal.type(commands)
    assert "Unauthorized" in said or "revoked" in said
