"""Files that go with messages."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeApi
from playwright.sync_api import FilePayload, expect
from visitor import Visitor

Visit = Callable[..., Visitor]
TEXT: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"}

# What a program does that pastes or drops a file here.
HAND_OVER = """([name, kind]) => {
    const data = new DataTransfer();
    data.items.add(new File(["hello"], name, { type: "text/plain" }));
    const target = document.querySelector(kind === "paste" ? "#composer" : "main");
    const options = { bubbles: true, cancelable: true };
    const event = kind === "paste"
        ? new ClipboardEvent(kind, { ...options, clipboardData: data })
        : new DragEvent(kind, { ...options, dataTransfer: data });
    target.dispatchEvent(event);
}"""


def png(width: int, height: int) -> bytes:
    """Return a picture of one colour (PNG specification)."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x20\x80\x60" * width) * height
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def pick(visitor: Visitor, *files: FilePayload) -> None:
    """Pick files with the button."""
    with visitor.page.expect_file_chooser() as chooser:
        visitor.button("Attach files").click()
    chooser.value.set_files(list(files))


def test_a_picked_file_goes_with_the_message_and_can_be_saved(
    api: FakeApi, enter: Visit, tmp_path: Path
) -> None:
    visitor = enter()
    pick(visitor, TEXT)
    attached = visitor.page.get_by_role("list", name="Attached files")
    expect(attached).to_contain_text("notes.txt")
    visitor.say("see here")
    expect(attached).to_have_count(0)
    expect(visitor.messages).to_have_text(["see here"])
    expect(visitor.page.locator(".file")).to_contain_text("5 bytes")
    with visitor.page.expect_download() as download:
        visitor.button("notes.txt").click()
    assert download.value.suggested_filename == "notes.txt"
    download.value.save_as(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_bytes() == b"hello"


def test_a_file_needs_no_text_and_a_picture_is_shown(
    api: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    expect(visitor.button("Send")).to_be_disabled()
    picture = png(720, 240)
    pick(visitor, {"name": "sea.png", "mimeType": "image/png", "buffer": picture})
    expect(visitor.button("Send")).to_be_enabled()
    visitor.button("Send").click()
    shown = visitor.page.get_by_role("button", name="Picture: sea.png")
    expect(shown).to_be_visible()
    image = shown.locator("img")
    expect(image).to_have_js_property("naturalWidth", 720)
    box = image.bounding_box()
    assert box and (box["width"], box["height"]) == (360, 120)
    assert api.messages[0]["source"] == ""


# Resolves to the status of what the browser has kept of an address, 0 without any.
KEPT = """([url, token]) => {
    const options = token
        ? { headers: { Authorization: `Bearer ${token}` } }
        : { cache: "only-if-cached", mode: "same-origin" };
    return fetch(url, options).then((answer) => answer.status, () => 0);
}"""


def test_nothing_of_a_file_is_left_in_the_browser(api: FakeApi, enter: Visit) -> None:
    visitor = enter()
    picture = png(720, 240)
    pick(visitor, {"name": "s.png", "mimeType": "image/png", "buffer": picture})
    visitor.button("Send").click()
    shown = visitor.page.get_by_role("button", name="Picture: s.png")
    expect(shown.locator("img")).to_have_js_property("naturalWidth", 720)
    path = "/api/rooms/1/files/1/thumbnail"
    assert visitor.page.evaluate(KEPT, [path, ""]) in (0, 504)
    # It would be, had the page not asked for another way.
    assert visitor.page.evaluate(KEPT, [path, api.tokens[-1]]) == 200
    assert visitor.page.evaluate(KEPT, [path, ""]) == 200


def test_a_file_s_size_stands_beside_its_name_however_wide_its_picture_is(
    enter: Visit,
) -> None:
    visitor = enter()
    pick(visitor, {"name": "s.png", "mimeType": "image/png", "buffer": png(720, 240)})
    visitor.say("look")
    expect(visitor.page.locator(".picture img")).to_be_visible()
    name, size = (
        visitor.page.locator(f".file {which}").bounding_box()
        for which in ("bdi", ".help")
    )
    assert name and size
    assert 0 <= size["x"] - (name["x"] + name["width"]) < 24


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_pasted_or_dropped_file_is_attached(
    api: FakeApi, enter: Visit, kind: str
) -> None:
    visitor = enter()
    expect(visitor.rooms).to_have_count(1)
    visitor.page.evaluate(HAND_OVER, ["notes.txt", kind])
    attached = visitor.page.get_by_role("list", name="Attached files")
    expect(attached).to_contain_text("notes.txt")
    visitor.say("here")
    expect(visitor.page.locator(".file")).to_contain_text("notes.txt")
    assert api.files[0]["content"] == b"hello"


def test_how_far_an_upload_is_can_be_seen_and_it_holds_the_message_up(
    api: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    api.gate.clear()
    pick(visitor, TEXT)
    expect(visitor.page.get_by_label("Upload of notes.txt")).to_be_visible()
    visitor.composer.fill("with a file")
    expect(visitor.button("Send")).to_be_disabled()
    api.gate.set()
    expect(visitor.page.get_by_label("Upload of notes.txt")).to_have_count(0)
    expect(visitor.button("Send")).to_be_enabled()


def test_a_file_that_is_not_taken_says_why_and_holds_nothing_up(
    api: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    api.fail("POST", "/rooms/1/files", 413, "At most 25 MB.")
    pick(visitor, TEXT, {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""})
    items = visitor.page.locator(".attachment")
    expect(items).to_contain_text(["At most 25 MB.", "It is empty."])
    visitor.say("without")
    expect(visitor.messages).to_have_text(["without"])
    assert api.messages[0]["files"] == []
    for name in ("notes.txt", "empty.txt"):
        visitor.button(f"Remove {name}").click()
    expect(items).to_have_count(0)


def test_a_file_that_was_taken_away_again_is_not_sent(
    api: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    with visitor.page.expect_response("**/files"):
        pick(visitor, TEXT)
    visitor.button("Remove notes.txt").click()
    visitor.say("without")
    expect(visitor.messages).to_have_text(["without"])
    assert api.messages[0]["files"] == []


def test_files_wait_in_the_room_for_which_they_were_picked(
    api: FakeApi, enter: Visit
) -> None:
    api.add_room("design", 1)
    visitor = enter()
    pick(visitor, TEXT)
    attached = visitor.page.locator(".attachment")
    expect(attached).to_have_count(1)
    visitor.go_to("design")
    expect(attached).to_have_count(0)
    visitor.say("without")
    expect(visitor.messages).to_have_text(["without"])
    visitor.go_to("Everyone")
    expect(attached).to_contain_text("notes.txt")


def test_a_picture_on_its_way_is_not_dropped_for_newer_ones(
    run: Callable[..., Any],
) -> None:
    body = """
        const { fetch } = globalThis;
        const { revokeObjectURL } = URL;
        const dropped = [];
        let answer;
        const slow = new Promise((resolve) => { answer = resolve; });
        globalThis.fetch = async (url) => url.includes("slow") ? slow : new Response();
        URL.revokeObjectURL = (address) => dropped.push(address);
        const files = new module.Files();
        const waiting = files.picture("/slow");
        for (let number = 0; number < 150; number++)
            await files.picture(`/${number}`);
        answer(new Response());
        const found = [dropped.includes(await waiting), dropped.length];
        Object.assign(globalThis, { fetch });
        Object.assign(URL, { revokeObjectURL });
        return found;
    """
    # Of all that has come, a hundred are kept.
    assert run("../transport/files", body) == [False, 51]
