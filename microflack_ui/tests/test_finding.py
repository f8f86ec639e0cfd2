"""Going to rooms and people by name, and finding messages by their words."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def grace(api: FakeApi, ada: Visit) -> int:
    """Somebody else, in some rooms."""
    number = api.add_user("grace")
    for name in ("design", "desserts"):
        api.add_room(name, number, 1)
    api.add_room("public destiny", number)
    api.add_room("private desires", number, kind="private")
    return number


def test_a_room_is_found_by_its_first_letters(enter: Visit, grace: int) -> None:
    visitor = enter()
    visitor.page.keyboard.press("Control+k")
    field = visitor.dialog.get_by_role("combobox")
    expect(field).to_be_focused()
    visitor.page.keyboard.type("des")
    options = visitor.dialog.get_by_role("option")
    names = options.locator("bdi")
    expect(names).to_have_text(["design", "desserts", "public destiny"])
    expect(options.last).to_contain_text("you are not in it")
    visitor.page.keyboard.press("ArrowDown")
    visitor.page.keyboard.press("Enter")
    expect(visitor.title).to_have_text("desserts")
    expect(visitor.dialog).to_have_count(0)
    visitor.page.go_back()
    expect(visitor.title).to_have_text("Everyone")


def test_a_person_is_found_and_written_to(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    visitor.button("Go to…").click()
    visitor.dialog.get_by_role("combobox").fill("GRÁ")
    visitor.dialog.get_by_role("combobox").press("Enter")
    expect(visitor.title).to_have_text("grace")
    assert api.rooms[-1]["kind"] == "direct"


def test_what_nothing_is_called_leads_nowhere(enter: Visit, grace: int) -> None:
    visitor = enter()
    visitor.page.keyboard.press("Control+k")
    visitor.page.keyboard.type("xyz")
    expect(visitor.dialog.get_by_text("Nothing here has this name")).to_be_visible()
    visitor.page.keyboard.press("Enter")
    expect(visitor.dialog).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)
    expect(visitor.composer).to_be_focused()


def test_messages_are_found_in_all_rooms_and_lead_there(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    for number in range(25):
        api.add_message(grace, f"apple pie {number}", room=3)
    api.add_message(1, "an apple a day")
    for number in range(80):
        api.add_message(grace, f"something else {number}", room=3)
    visitor = enter()
    visitor.button("Search").click()
    field = visitor.dialog.get_by_label("Words to search for")
    expect(field).to_be_focused()
    field.fill("apple")
    field.press("Enter")
    results = visitor.dialog.get_by_role("list", name="Messages found").locator("li")
    expect(results).to_have_count(20)
    expect(results.first).to_contain_text("an apple a day")
    expect(visitor.dialog.get_by_text("The newest 20 messages")).to_be_visible()
    visitor.dialog.get_by_role("button", name="Show older ones").click()
    expect(results).to_have_count(26)
    results.last.get_by_role("link").click()
    expect(visitor.dialog).to_have_count(0)
    expect(visitor.title).to_have_text("desserts")
    expect(visitor.page.locator(".message.target")).to_contain_text("apple pie 0")
    expect(visitor.page.locator(".message.target")).to_be_in_viewport()


def test_a_search_can_be_of_this_room_only_and_find_nothing(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    api.add_message(grace, "apple pie", room=3)
    visitor = enter()
    visitor.button("Search").click()
    visitor.dialog.get_by_label("Only in Everyone").check()
    visitor.dialog.get_by_label("Words to search for").fill("apple")
    visitor.dialog.get_by_role("button", name="Find").click()
    expect(visitor.dialog.get_by_text("No message has these words")).to_be_visible()
    visitor.dialog.get_by_label("Only in Everyone").uncheck()
    visitor.dialog.get_by_role("button", name="Find").click()
    expect(visitor.dialog.get_by_text("1 message", exact=True)).to_be_visible()


def test_why_a_search_failed_is_said(api: FakeApi, enter: Visit, grace: int) -> None:
    visitor = enter()
    api.fail("GET", "/messages/search", 503, "The database is away.")
    visitor.button("Search").click()
    visitor.dialog.get_by_label("Words to search for").fill("apple")
    visitor.dialog.get_by_role("button", name="Find").click()
    expect(visitor.dialog.get_by_role("alert")).to_have_text("The database is away.")
