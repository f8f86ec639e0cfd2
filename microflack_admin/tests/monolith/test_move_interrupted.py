"""What is left of a move that does not come to its end; nothing is lost."""

from moving import refusal
from talking import check_nothing_is_wrong, wait_for_more

DAMAGE = """
CREATE TRIGGER messages.damage BEFORE INSERT ON messages.messages FOR EACH ROW
SET NEW.source = CONCAT(NEW.source, '!')
"""


def test_a_copy_that_is_not_equal_is_not_used(town, talkers):
    town.move_until("messages", "Copied")
    # From now on each row that comes is another one there.
    town.sql(DAMAGE)
    wait_for_more(talkers[0])
    # Also when the mover dies while it gives the service back.
    town.move_until("messages", "as before")
    assert "the copy of messages is not equal" in refusal(town, "messages")
    assert town.monolith.without() == "" and not town.instances("messages")
    wait_for_more(talkers[0])
    for one in talkers:
        one.done.set()
        one.join()
    assert [one.failures for one in talkers] == [[], [], []]
    check_nothing_is_wrong(talkers, town.url)
    town.sql("DROP TRIGGER messages.damage")
