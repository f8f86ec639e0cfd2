"""The page for everybody: what no program can judge."""

import re
from collections.abc import Callable

import pytest
from fake_api import FakeApi
from main_states import MAGNIFIED, PHONE, states
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]

ISO_TIME = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")


def test_messages_are_items_of_a_list_with_their_author_and_times(
    api: FakeApi, ada: Visit
) -> None:
    grace = api.add_user("grace")
    for text in ("one", "two"):
        api.add_message(grace, text)
    visitor = ada()
    items = visitor.page.get_by_role("article", name="grace").get_by_role("listitem")
    expect(items).to_have_count(2)
    for place, text in enumerate(("one", "two")):
        expect(items.nth(place)).to_contain_text(text)
        expect(items.nth(place).locator("time")).to_have_attribute("datetime", ISO_TIME)


def test_news_are_read_aloud_as_text_and_not_as_markdown(
    api: FakeApi, ada: Visit
) -> None:
    grace = api.add_user("grace")
    api.add_message(grace, "old")
    visitor = ada()
    expect(visitor.messages).to_have_count(1)
    markup = "<p>a <strong>bold</strong> &lt;word&gt;</p><ul><li>x</li><li>y</li></ul>"
    api.add_message(grace, "a **bold** <word>\n* x\n* y", markup=markup)
    visitor.poll()
    log = visitor.page.get_by_role("log")
    expect(log).to_have_text("grace: a bold <word> x y")


def test_without_javascript_a_sentence_says_what_to_do(visit: Visit) -> None:
    visitor = visit(java_script_enabled=False)
    sentence = visitor.page.locator("noscript p")
    expect(sentence).to_contain_text("Turn it on")
    box = sentence.bounding_box()
    assert box and 0 < box["y"] < 200


def test_all_that_is_loaded_is_printed(api: FakeApi, ada: Visit) -> None:
    for number in range(40):
        api.add_message(1, f"message {number}")
    visitor = ada()
    expect(visitor.messages).to_have_count(40)
    visitor.page.emulate_media(media="print")
    height = "element => element.getBoundingClientRect().height"
    messages = visitor.page.locator(".content").evaluate(height)
    assert messages > 1000
    assert visitor.page.locator("body").evaluate(height) >= messages
    expect(visitor.button("Sign out")).to_be_hidden()


def test_text_from_right_to_left_has_its_marks_at_the_right_and_code_does_not(
    api: FakeApi, ada: Visit
) -> None:
    markup = (
        "<ul><li>واحد</li></ul><blockquote><p>اقتباس</p></blockquote>"
        "<pre><code>x = 1</code></pre>"
    )
    api.add_message(1, "...", markup=markup)
    visitor = ada()
    styles = """body => {
        const of = (name) => getComputedStyle(body.querySelector(name));
        return [of("ul").paddingRight, of("ul").paddingLeft,
            of("blockquote").borderRightWidth, of("blockquote").borderLeftWidth,
            of("pre").direction, of("pre").textAlign];
    }"""
    expect(visitor.messages).to_have_count(1)
    found = visitor.messages.first.evaluate(styles)
    assert found == ["24px", "0px", "3px", "0px", "ltr", "left"]


def test_fingers_reach_every_button_and_see_every_time(
    api: FakeApi, visit: Visit
) -> None:
    api.change_user(api.add_user("ada"), admin=True)
    for text in ("one", "two"):
        api.add_message(1, text)
    visitor = visit(**PHONE)
    small = """() => [...document.querySelectorAll("button, input, textarea")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }))
        .map((one) => one.closest("label") ?? one)
        .map((one) => [one.outerHTML, one.getBoundingClientRect()])
        .filter(([, { width, height }]) => Math.min(width, height) < 44)
        .map(([html]) => html)"""
    for state in states(api, visitor, count=2):
        assert visitor.page.evaluate(small) == [], state
        if state == "chatting":
            expect(visitor.page.locator(".gutter").last).to_have_css("opacity", "1")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_edges_of_fields_and_buttons_can_be_seen(
    api: FakeApi, ada: Visit, colours: str
) -> None:
    visitor = ada(color_scheme=colours)
    # WCAG 2.2, relative luminance and contrast ratio.
    ratios = """() => {
        const light = (colour) => {
            const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((value) =>
                value / 255 <= 0.04045 ? value / 255 / 12.92
                : ((value / 255 + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ground = (one) => {
            const { backgroundColor } = getComputedStyle(one);
            return backgroundColor.startsWith("rgba") ? ground(one.parentElement)
                : light(backgroundColor);
        };
        document.activeElement.blur();
        return [...document.querySelectorAll("textarea, .quiet")].flatMap((one) => {
            const edge = light(getComputedStyle(one).borderTopColor);
            return [ground(one), ground(one.parentElement)].map((other) =>
                (Math.max(edge, other) + 0.05) / (Math.min(edge, other) + 0.05));
        });
    }"""
    found = visitor.page.evaluate(ratios)
    assert len(found) >= 4
    assert min(found) >= 3


def test_back_closes_the_people_and_does_not_leave_the_page(
    api: FakeApi, visit: Visit
) -> None:
    api.add_user("ada")
    visitor = visit(**PHONE)
    visitor.sign_in("ada")
    visitor.button("People").click()
    expect(visitor.button("Sign out")).to_be_visible()
    visitor.page.go_back()
    expect(visitor.button("Sign out")).to_be_hidden()
    expect(visitor.composer).to_be_visible()


def test_a_magnified_page_scrolls_in_one_direction_and_can_be_written_in(
    api: FakeApi, visit: Visit
) -> None:
    api.add_user("ada")
    visitor = visit(**MAGNIFIED)
    visitor.sign_in("ada")
    visitor.say("hello")
    expect(visitor.messages.last).to_be_in_viewport()
    expect(visitor.composer).to_be_in_viewport(ratio=1)
    width = visitor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= MAGNIFIED["viewport"]["width"]


def test_ones_own_presence_does_not_flash_when_the_connection_is_made_anew(
    api: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    grace = api.add_user("grace")
    expect(visitor.page.locator(".person.online")).to_have_count(2)
    api.fail("GET", "/users", 503)
    api.set_online(1, False)
    api.set_online(grace, False)
    expect(visitor.page.locator(".person.offline")).to_contain_text(["grace"])
    expect(visitor.page.locator(".person.online")).to_contain_text(["ada"])


@pytest.mark.parametrize("first", ["🏳️\u200d🌈", "🇩🇪", "E\u0301"])
def test_an_avatar_shows_a_whole_character(
    api: FakeApi, ada: Visit, first: str
) -> None:
    api.add_message(api.add_user(f"{first}xyz"), "hello")
    visitor = ada()
    expect(visitor.page.locator(".group .avatar")).to_have_text(first)
