"""Pictures do not tell who made them, where and with what, and look as before."""

import io
import struct

import pytest
from pictures import SECRET, chunk, exif, opened, picture
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo
from uploading import uploaded

TEXT = SECRET.encode()
KINDS = ["PNG", "JPEG", "WEBP", "AVIF"]


def cleaned(client, headers, content):
    """Upload a picture; return what is kept of it, and what the API shows."""
    file = uploaded(client, content, headers, "picture")
    assert file["type"].startswith("image/")
    answer = client.get(file["url"], headers=headers)
    assert answer.content_length == file["size"]
    return answer.data, file


def shown(content):
    """Return the pixels as a viewer shows them."""
    return ImageOps.exif_transpose(opened(content).convert("RGB"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_what_exif_tells_is_gone_and_the_picture_is_the_same(
    client, ada, kind, orientation
):
    content = picture(kind, exif=exif(orientation))
    assert TEXT in content
    kept, file = cleaned(client, ada, content)
    assert TEXT not in kept
    found = opened(kept).getexif()
    assert not found.get_ifd(0x8825)
    assert set(found) <= {0x0112}
    assert shown(kept).tobytes() == shown(content).tobytes()
    assert shown(kept).size == (file["width"], file["height"])
    assert (file["width"], file["height"]) == (
        (40, 60) if orientation == 6 else (60, 40)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_small_one_is_turned_as_the_picture_is(client, ada, kind):
    _, file = cleaned(client, ada, picture(kind, (900, 600), exif=exif(6)))
    small = opened(client.get(file["thumbnail_url"], headers=ada).data)
    assert small.size == (427, 640)
    # Left is up.
    assert small.convert("RGB").getpixel((213, 5))[0] > 200
    assert small.convert("RGB").getpixel((213, 635))[2] > 200
    assert not small.getexif()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_xmp_is_gone(client, ada, kind):
    options = {"xmp": b"<x:xmpmeta>" + TEXT + b"</x:xmpmeta>"}
    if kind == "PNG":
        options = {"pnginfo": PngInfo()}
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", SECRET)
    content = picture(kind, **options)
    assert TEXT in content
    kept, _ = cleaned(client, ada, content)
    assert TEXT not in kept
    assert shown(kept).tobytes() == shown(content).tobytes()


def test_comments_and_thumbnails_of_a_jpeg_are_gone(client, ada):
    content = picture("JPEG", comment=TEXT)
    photoshop = b"Photoshop 3.0\0" + TEXT
    segment = b"\xff\xed" + struct.pack(">H", len(photoshop) + 2) + photoshop
    content = content[:2] + segment + content[2:]
    assert content.count(TEXT) == 2
    kept, _ = cleaned(client, ada, content)
    assert TEXT not in kept
    assert shown(kept).tobytes() == shown(content).tobytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_what_follows_the_picture_is_gone(client, ada, kind):
    content = picture(kind)
    kept, _ = cleaned(client, ada, content + TEXT)
    assert TEXT not in kept
    assert shown(kept).tobytes() == shown(content).tobytes()


def test_a_progressive_jpeg_of_several_scans_is_whole(client, ada):
    content = picture("JPEG", (300, 200), progressive=True, restart_marker_rows=1)
    kept, _ = cleaned(client, ada, content)
    assert kept == content


def test_texts_and_times_of_a_png_are_gone(client, ada):
    content = picture("PNG")
    more = chunk(b"tEXt", b"Author\0" + TEXT) + chunk(b"tIME", b"\x07\xea" + b"\1" * 5)
    kept, _ = cleaned(client, ada, content[:33] + more + content[33:])
    assert kept == content


def test_comments_of_a_gif_are_gone_and_it_still_moves(client, ada):
    frames = [Image.new("P", (20, 10), colour) for colour in (0, 1, 2)]
    for frame in frames:
        frame.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    file = io.BytesIO()
    frames[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=frames[1:],
        loop=0,
        duration=70,
        comment=TEXT,
    )
    content = file.getvalue()
    assert TEXT in content
    kept, _ = cleaned(client, ada, content)
    assert TEXT not in kept
    again = opened(kept)
    assert (again.n_frames, again.info["loop"], again.info["duration"]) == (3, 0, 70)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_what_moves_still_moves(client, ada, kind):
    more = [Image.new("RGB", (60, 40), colour) for colour in ("green", "white")]
    options = {"save_all": True, "append_images": more, "duration": 100}
    kept, _ = cleaned(client, ada, picture(kind, exif=exif(), **options))
    assert TEXT not in kept
    assert opened(kept).n_frames == 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_what_colours_mean_is_kept(client, ada, kind):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept, file = cleaned(client, ada, picture(kind, icc_profile=profile))
    assert opened(kept).info["icc_profile"] == profile
    small = client.get(file["thumbnail_url"], headers=ada).data
    assert opened(small).info["icc_profile"] == profile


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA", "CMYK"])
def test_every_kind_of_pixels_has_a_small_picture(client, ada, mode):
    file = io.BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (30, 20)).save(file, kind)
    kept, shown = cleaned(client, ada, file.getvalue())
    assert opened(kept).size == (30, 20)
    small = opened(client.get(shown["thumbnail_url"], headers=ada).data)
    assert small.size == (30, 20)
