"""Blocks of code have colours and a button that copies them."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from test_axe import violations
from visitor import Visitor

Visit = Callable[..., Visitor]

LIBRARY = "highlight"
PYTHON = "def greet(name):  # politely\n    return f'hello {name}' * 2\n"
PAGE = "<p class='x'>hi</p><script>let n = 1;</script>\n"


def block(code: str, language: str = "") -> str:
    """Return code as the messages service renders it."""
    told = f' class="language-{language}"' if language else ""
    text = code.replace("&", "&amp;").replace("<", "&lt;")
    return f"<pre><code{told}>{text}</code></pre>"


def loaded(visitor: Visitor) -> bool:
    """Return whether the page has loaded what finds the colours."""
    names = "performance.getEntriesByType('resource').map((one) => one.name)"
    return any(LIBRARY in name for name in visitor.page.evaluate(names))


def test_code_whose_language_is_told_has_colours(api: FakeApi, ada: Visit) -> None:
    grace = api.add_user("grace")
    api.add_message(grace, "p", markup=block(PYTHON, "Python") + "<p>so</p>")
    api.add_message(grace, "h", markup=block(PAGE, "html"))
    visitor = ada()
    first, second = visitor.page.locator("pre").all()
    expect(first.locator(".code-keyword")).to_have_text(["def", "return"])
    expect(first.locator(".code-comment")).to_have_text("# politely")
    expect(second.locator(".code-keyword")).to_have_text("let")
    assert [one.text_content() for one in (first, second)] == [PYTHON, PAGE]
    expect(visitor.page.locator(".code-language")).to_have_text(["Python", "html"])


def test_colours_are_loaded_when_such_code_comes_into_view(
    api: FakeApi, ada: Visit
) -> None:
    grace = api.add_user("grace")
    api.add_message(grace, "p", markup=block(PYTHON, "python"))
    for number in range(40):
        api.add_message(grace, f"{number}", markup=block(str(number)))
    visitor = ada()
    expect(visitor.messages).to_have_count(41)
    expect(visitor.messages.last).to_be_in_viewport()
    assert not loaded(visitor)
    visitor.messages.first.scroll_into_view_if_needed()
    expect(visitor.page.locator(".code-keyword")).to_have_count(2)
    assert loaded(visitor)


@pytest.mark.parametrize("language", ["klingon", "python"])
def test_code_without_colours_can_be_read_and_copied(
    api: FakeApi, ada: Visit, language: str
) -> None:
    visitor = ada(alone=True, permissions=["clipboard-read", "clipboard-write"])
    # As when there is no network any more.
    visitor.page.route("**/highlight.mjs", lambda route: route.abort())
    api.add_message(1, "p", markup=block(PYTHON, language))
    visitor.poll()
    copy = visitor.button("Copy the code")
    copy.focus()
    copy.press("Enter")
    expect(visitor.page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    expect(copy).to_be_focused()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == PYTHON.removesuffix("\n")
    assert visitor.page.locator("pre").text_content() == PYTHON


def test_code_is_copied_where_browsers_have_no_clipboard(
    api: FakeApi, ada: Visit
) -> None:
    api.add_message(1, "p", markup=block(PYTHON))
    visitor = ada()
    visitor.page.evaluate("Object.defineProperty(navigator, 'clipboard', {})")
    visitor.button("Copy the code").click()
    expect(visitor.page.get_by_text("Copied", exact=True)).to_be_visible()
    visitor.composer.press("Control+v")
    expect(visitor.composer).to_have_value(PYTHON.removesuffix("\n"))


def test_what_is_edited_has_colours_again(api: FakeApi, ada: Visit) -> None:
    message = api.add_message(1, "p", markup=block(PYTHON, "python"))
    visitor = ada()
    expect(visitor.page.locator(".code-keyword")).to_have_count(2)
    with api.lock:
        api.change_message(message, "q")
        message["html"] = block("let x = 1;\n", "js")
    visitor.poll()
    expect(visitor.page.locator(".code-keyword")).to_have_text(["let"])
    expect(visitor.button("Copy the code")).to_have_count(1)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_colours_can_be_told_from_their_ground(
    api: FakeApi, ada: Visit, colours: str
) -> None:
    samples = {
        "python": PYTHON + "@dec\nclass A(B):\n    x: int = None\n" + "y = 1 + " * 60,
        "html": PAGE + "<!-- c --><style>a.b#c:hover{color:red}</style>",
        "diff": "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n",
        "bash": 'if [ "$A" ]; then echo ${B} | grep -v "x"; fi # c\n',
        "markdown": "# title\n\n- *a* **b** `c` [d](http://e)\n> quoted\n",
    }
    for language, code in samples.items():
        api.add_message(1, language, markup=block(code, language))
    visitor = ada(color_scheme=colours, reduced_motion="reduce")
    for place in range(len(samples)):
        part = visitor.page.locator("pre").nth(place)
        part.scroll_into_view_if_needed()
        expect(part.locator("[class^=code-]").first).to_be_visible()
    assert violations(visitor.page) == []
    expect(visitor.page.get_by_role("group", name="Code")).to_have_count(1)
