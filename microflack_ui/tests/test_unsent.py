"""What was written and not sent: it outlives a reload, and its tab."""

from collections.abc import Callable

from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor, keys_of

Visit = Callable[..., Visitor]


def test_a_draft_survives_a_reload_until_it_is_sent(ada: Visit) -> None:
    visitor = ada()
    visitor.composer.fill("half a thought")
    visitor.page.reload()
    expect(visitor.composer).to_have_value("half a thought")
    visitor.composer.press("Enter")
    expect(visitor.messages).to_have_text(["half a thought"])
    visitor.page.reload()
    expect(visitor.messages).to_have_text(["half a thought"])
    expect(visitor.composer).to_have_value("")


def test_two_tabs_do_not_overwrite_one_draft_and_a_closed_ones_is_taken_over(
    ada: Visit,
) -> None:
    first = ada()
    second = Visitor(first.page.context.new_page(), first.url)
    first.composer.fill("one thought")
    second.composer.fill("another thought")
    for tab, draft in ((first, "one thought"), (second, "another thought")):
        tab.page.reload()
        expect(tab.composer).to_have_value(draft)
    second.page.close()
    third = Visitor(first.page.context.new_page(), first.url)
    expect(third.composer).to_have_value("another thought")
    fourth = Visitor(first.page.context.new_page(), first.url)
    expect(fourth.composer).to_have_value("")


def test_what_failed_says_so_survives_a_reload_and_is_stored_once(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    visitor.page.context.set_offline(True)
    visitor.say("patience")
    unsent = "Not sent yet. The server cannot be reached."
    expect(visitor.outgoing).to_contain_text(unsent)
    api.lose_next_answer()
    visitor.page.context.set_offline(False)
    visitor.page.reload()
    expect(visitor.messages).to_have_text(["patience"])
    expect(visitor.outgoing).to_have_count(0)
    assert len(api.messages) == 1 and len(set(keys_of(api))) == 1


def test_what_a_closed_tab_had_not_sent_goes_out_in_the_next(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    visitor.page.context.set_offline(True)
    visitor.say("patience")
    expect(visitor.outgoing).to_contain_text("Not sent yet.")
    context = visitor.page.context
    visitor.page.close()
    context.set_offline(False)
    other = Visitor(context.new_page(), visitor.url)
    expect(other.messages).to_have_text(["patience"])
    assert [message["source"] for message in api.messages] == ["patience"]
