"""Encodings are told by strict decoding and plausibility; what is in doubt is refused, with its byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.text import decode, key, normalise

TEXT = "样本单位,产品编号,价格\n甲布行,I1,12.5\n"
HANZI = st.text(
    st.sampled_from("样本单位产品编号价格日期备注甲乙丙丁布行纺织涤纶棉麻粘胶短纤坯布米公斤件元"),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(
    ("encoding", "mark", "found"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("gbk", b"", "gb18030"),
        ("gb18030", b"", "gb18030"),
        ("gb18030", b"\x84\x31\x95\x33", "gb18030"),
    ],
)
def test_each_encoding_is_found(encoding: str, mark: bytes, found: str) -> None:
    assert decode(mark + TEXT.encode(encoding)) == (TEXT, found)


@given(st.lists(HANZI, min_size=2, max_size=20), st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "gb18030"]))
def test_chinese_texts_come_back(words: list[str], encoding: str) -> None:
    text = "品名,价格\n" + "".join(f"{w},12.5\n" for w in words)
    assert decode(text.encode(encoding))[0] == text


def test_names_with_rare_hanzi_come_back_from_gb18030() -> None:
    text = "样本单位,品名,价格\n李喆布行,涤纶布,12\n王堃纺织,棉布,13\n"
    assert decode(text.encode("gb18030")) == (text, "gb18030")


@pytest.mark.parametrize(
    ("content", "byte", "position", "line"),
    [
        # Letters with accents in a western code page: not valid in GB18030, or a hanzi inside of a word.
        ("item,price\nCafé,12\n".encode("cp1252"), "E9", 15, 2),
        ("item,price\nGröße,12\n".encode("cp1252"), "F6", 14, 2),
        # Traditional characters in Big5.
        ("單位,產品,價格,備註\n臺灣布行,滌綸長絲,12.5,現貨\n".encode("big5"), "B3", 1, 1),
        # Kana and kanji in Shift-JIS.
        ("品名,価格\nポリエステル,12\n".encode("shift-jis"), "95", 1, 1),
        # One wrong byte in UTF-8.
        (TEXT.encode()[:42] + b"\xff" + TEXT.encode()[42:], "FF", 43, 2),
        # A text that ends within a character.
        (TEXT.encode() + "元".encode()[:2], "E5", 52, 3),
        # UTF-32, and bytes that are no text.
        (TEXT.encode("utf-32"), "00", 3, 1),
        (b"item,price\n\x00\x01\x02\x03", "00", 12, 2),
        (b"item,price\nA\x07,2\n", "07", 13, 2),
        # A sign for a character that was lost before.
        ("item,price\nCaf\ufffd,12\n".encode(), "EF", 15, 2),
        # Half a pair in UTF-16.
        (b"\xff\xfe" + "品名,价格\n".encode("utf-16-le") + b"\x00\xd8", "00", 15, 1),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_byte(content: bytes, byte: str, position: int, line: int) -> None:
    with pytest.raises(SheetError) as caught:
        decode(content)
    assert caught.value.rule == "encoding"
    said = str(caught.value)
    assert f"byte 0x{byte} " in said
    assert f"position {position}," in said
    if 0 not in content:
        assert f"line {line}," in said


def test_a_text_that_two_encodings_explain_is_refused() -> None:
    # C8 D1 is 妊 or, as UTF-8, no; DB BA is a common pair in GB 2312 and one Arabic letter in UTF-8.
    content = "item,price\n毫,12\n".encode("gb18030")
    assert content.decode("utf-8", "ignore") != content.decode("gb18030")
    twice = [c for c in map(chr, range(0x4E00, 0x9FFF)) if _both(c)]
    assert twice
    with pytest.raises(SheetError) as caught:
        decode(f"item,price\n{twice[0]},12\n".encode("gb18030"))
    assert caught.value.rule == "encoding in doubt"


def _both(c: str) -> bool:
    """Whether a hanzi of GB 2312 is, in its bytes, one letter of UTF-8 that is not western."""
    from ellwand.office.collection.text import WESTERN

    try:
        return c.encode("gb2312").decode("utf-8") not in WESTERN and len(c.encode("gb2312").decode("utf-8")) == 1
    except UnicodeError:
        return False


def test_western_signs_in_utf8_are_no_doubt() -> None:
    text = "item,price,remark\nI1,12,180 g/m² Café\n"
    assert decode(text.encode()) == (text, "utf-8")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(SheetError, match="empty"):
        decode(b"")


@given(st.binary(max_size=400))
def test_random_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        text, encoding = decode(content)
    except SheetError:
        return
    assert text.encode(encoding) in (content, content[2:], content[3:], content[4:])


def test_full_width_signs_are_folded() -> None:
    assert normalise("１，２３４．５０　元／米（Ａ）％－￥") == "1,234.50 元/米(A)%-¥"
    assert normalise(" \u00a0甲\u200b布\ufeff \t行 ") == "甲布 行"
    assert key("ＰＯＹ 150D") == "poy150d"


@pytest.mark.parametrize("text", ["12²", "½", "①", "٣", "Ⅳ"])
def test_signs_of_another_meaning_are_not_folded(text: str) -> None:
    assert normalise(text) == text
