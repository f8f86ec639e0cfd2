"""Pictures of people, beside what they say and in the lists."""

from collections.abc import Callable
from typing import Any

import pytest
from fake_api import FakeApi
from playwright.sync_api import Locator, Route, expect
from test_files import png
from visitor import Visitor

Visit = Callable[..., Visitor]


def face(place: Locator) -> Locator:
    """Return the picture that is loaded in a place."""
    return place.locator(".avatar img")


@pytest.fixture
def account(api: FakeApi, ada: Visit) -> Visitor:
    """The page of ada, who has said something, with her account open."""
    api.add_message(1, "hello")
    visitor = ada()
    visitor.button("Account").click()
    return visitor


def choose(visitor: Visitor, content: bytes, name: str = "me.png") -> None:
    """Choose a picture of oneself."""
    with visitor.page.expect_file_chooser() as chooser:
        visitor.button("Choose a picture").click()
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    chooser.value.set_files([file])


def test_a_picture_is_chosen_shown_and_removed(api: FakeApi, account: Visitor) -> None:
    choose(account, png(900, 600))
    expect(account.dialog).to_contain_text("This is your picture now.")
    content, kind = api.pictures[0]
    # It is made small here: a camera's would be too large.
    assert kind == "image/png"
    assert [int.from_bytes(content[at : at + 4]) for at in (16, 20)] == [256, 256]
    page = account.page
    for place in (".dialog-inner", ".group", ".person", ".me"):
        expect(face(page.locator(place))).to_have_js_property("naturalWidth", 256)
    account.button("Remove it").click()
    expect(account.dialog).to_contain_text("It is removed.")
    expect(page.locator(".avatar img")).to_have_count(0)
    expect(page.locator(".me .avatar")).to_have_text("A")


def test_a_picture_that_was_slow_does_not_take_the_place_of_the_next(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    held: list[Route] = []
    visitor.page.route("**/picture?version=1", lambda route: held.append(route))
    with visitor.page.expect_request("**/picture?version=1"):
        api.add_picture(1, png(10, 10), "image/png")
        visitor.poll()
    api.add_picture(1, png(20, 20), "image/png")
    visitor.poll()
    shown = face(visitor.page.locator(".me"))
    expect(shown).to_have_js_property("naturalWidth", 20)
    with visitor.page.expect_event(
        "requestfinished", lambda one: "version=1" in one.url
    ):
        held[0].continue_()
    visitor.page.evaluate("new Promise((resolve) => setTimeout(resolve, 200))")
    expect(shown).to_have_js_property("naturalWidth", 20)


def test_what_is_no_picture_is_told(api: FakeApi, account: Visitor) -> None:
    sentence = "picture: This is no PNG, JPEG, GIF, WebP or AVIF: choose another."
    api.fail("PUT", "/users/1/picture", 400, sentence)
    choose(account, b"no picture")
    told = account.dialog.get_by_text("This is no PNG, JPEG, GIF, WebP or AVIF")
    expect(told).to_be_visible()
    choose(account, b"x" * 1_048_577)
    expect(account.dialog).to_contain_text("choose a PNG or a JPEG")
    assert api.pictures == []


def test_beside_an_older_users_service_no_picture_is_offered(
    api: FakeApi, ada: Visit
) -> None:
    del api.users[0]["picture_url"]
    visitor = ada()
    visitor.button("Account").click()
    expect(visitor.button("Change nickname")).to_be_visible()
    expect(visitor.button("Choose a picture")).to_have_count(0)


def test_what_an_older_release_tells_of_somebody_leaves_the_picture(
    run: Callable[..., Any],
) -> None:
    shown = run(
        "people",
        """const old = { id: 1, updated_at: 1, nickname: "ada", online: true };
        const known = { ...old, picture_url: "/x" };
        const people = module.mergeEvents(module.emptyPeople, [known]);
        const later = { ...old, updated_at: 2, online: false };
        const { byId } = module.mergeEvents(people, [later]);
        return [module.isInDoubt(people, [old]), byId.get(1)];""",
    )
    user = {"id": 1, "updated_at": 2, "nickname": "ada", "online": False}
    assert shown == [False, user | {"picture_url": "/x"}]
