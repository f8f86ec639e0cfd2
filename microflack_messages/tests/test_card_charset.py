"""A page is read in the character set in which a browser reads it."""

# Characters that look alike are part of this.
# ruff: noqa: RUF001

import codecs

import pytest

from microflack_messages.link_cards.charset import decode

TITLE = "<title>Grüße</title>"
JAPANESE = "<title>①日本語～</title>"


def meta(attributes):
    """Return the beginning of a page with this meta element."""
    return f"<html><head><meta {attributes}>"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("x-sjis", "cp932", JAPANESE),
        ("Shift_JIS", "cp932", JAPANESE),
        ("euc-jp", "euc_jp", "<title>日本語</title>"),
        ("iso-2022-jp", "iso2022_jp", "<title>日本語</title>"),
        ("gb2312", "gb18030", "<title>你好㐀</title>"),
        ("big5", "big5hkscs", "<title>你好</title>"),
        ("ks_c_5601-1987", "cp949", "<title>똠방각하</title>"),
        ("latin1", "cp1252", "<title>€ “ü”</title>"),
        ("us-ascii", "cp1252", "<title>€</title>"),
        ("iso-8859-9", "cp1254", "<title>ğş€</title>"),
        ("tis-620", "cp874", "<title>ไทย…</title>"),
        ("x-mac-cyrillic", "mac-cyrillic", "<title>Путь</title>"),
        ("koi8-ru", "koi8-u", "<title>Шлях</title>"),
        ("cp866", "cp866", "<title>Путь</title>"),
        ("unicode-1-1-utf-8", "utf-8", TITLE),
        (" UTF-8 ", "utf-8", TITLE),
    ],
)
def test_labels_mean_what_they_mean_on_the_web(label, codec, text):
    assert decode(text.encode(codec), label) == text
    page = meta(f'charset="{label}"') + text
    assert decode(page.encode(codec), "") == page


@pytest.mark.parametrize(
    "attributes",
    [
        "charset=gbk",
        "charset = 'gbk'",
        'data-x="1>0" CHARSET="GBK"',
        'http-equiv="Content-Type" content="text/html; charset=gbk"',
        "content='text/html;charset = \"gbk\"' http-equiv=content-type",
        'charset="nonsense"><meta charset=gbk',
        'name="x" content="charset=utf-8"><meta charset=gbk',
    ],
)
def test_a_page_may_declare_it_in_all_the_ways_of_html(attributes):
    page = meta(attributes) + "<title>你好</title>"
    assert decode(page.encode("gbk"), "") == page


@pytest.mark.parametrize("declared", ["", "nonsense", "zip", "\xff", "'utf-8'"])
def test_what_a_header_says_in_vain_is_looked_for_in_the_page(declared):
    page = meta("charset=x-sjis") + JAPANESE
    assert decode(page.encode("cp932"), declared) == page


def test_the_header_goes_before_the_page():
    page = meta("charset=x-sjis") + TITLE
    assert decode(page.encode(), "utf-8") == page


@pytest.mark.parametrize(
    ("bom", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_byte_order_mark_goes_before_everything(bom, codec):
    page = meta("charset=x-sjis") + TITLE
    assert decode(bom + page.encode(codec), "koi8-r") == page


@pytest.mark.parametrize("label", ["utf-16", "UTF-16LE", "utf-16be", "unicode"])
def test_what_declares_utf_16_in_ascii_is_utf_8(label):
    page = meta(f'charset = "{label}"') + TITLE
    assert decode(page.encode(), "") == page


def test_an_xml_declaration_counts_where_no_meta_element_does():
    page = '<?xml version="1.0" encoding="windows-1251"?><title>Путь</title>'
    assert decode(page.encode("cp1251"), "") == page
    both = page.replace("<title>", "<meta charset=utf-8><title>")
    assert decode(both.encode(), "") == both
    wide = '<?xml version="1.0"?>' + TITLE
    for codec in ("utf-16-le", "utf-16-be"):
        assert decode(wide.encode(codec), "") == wide


def test_a_page_that_says_nothing_is_utf_8_if_it_can_be():
    assert decode(TITLE.encode(), "") == TITLE
    assert decode(TITLE.encode("cp1252"), "") == TITLE
    assert decode("<title>日本".encode()[:-1], "").startswith("<title>日")


def test_a_declaration_in_a_script_or_a_comment_is_none():
    page = f"<script>'<meta charset=gbk>'</script><!-- <meta charset=gbk> -->{TITLE}"
    assert decode(page.encode(), "") == page
