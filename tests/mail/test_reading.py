"""Reading messages: CPython's own collection and nasty ones of ours. What is readable comes out; nothing ends the reading."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import pytest

from msp.launch.paths import ROOT
from msp.mail.actions.reading import Unreadable, read_guarded, stop_reading
from msp.mail.rules.html import harmless, text_from
from msp.mail.rules.reading import read, unflowed
from msp.mail.rules.words import addresses_in, header_text, message_ids, text_of
from tests.mail.incoming import mail

COLLECTION = sorted(path for path in (ROOT / "tests/data/test_email").iterdir() if path.name != "LICENSE")


@pytest.mark.parametrize("path", COLLECTION, ids=lambda path: path.name)
def test_every_mail_of_cpythons_collection_is_read(path: Path) -> None:
    found = read(path.read_bytes())
    said = [found.subject, found.from_name, found.text, found.html, *(part.name for part in found.parts)]
    assert not any("\x00" in each for each in said)
    "".join(said).encode()  # nothing that the database could not hold


def multipart(*parts: str, kind: str = "mixed", extra: str = "") -> bytes:
    inside = "".join(f"--b\r\n{part}\r\n" for part in parts)
    head = f'From: a@x.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="b"{extra}\r\n'
    return f"{head}\r\n{inside}--b--\r\n".encode()


PLAIN, HTML = "Content-Type: text/plain\r\n\r\nplain words", "Content-Type: text/html\r\n\r\n<p>html words</p>"


def test_of_two_forms_the_plain_one_is_read_and_the_html_kept() -> None:
    found = read(multipart(PLAIN, HTML, kind="alternative"))
    assert (found.text, found.html, found.parts) == ("plain words\n", "<p>html words</p>", [])


def test_html_alone_becomes_words() -> None:
    assert read(multipart(HTML)).text == "html words\n"


def test_an_empty_plain_form_does_not_hide_the_words() -> None:
    assert read(multipart("Content-Type: text/plain\r\n\r\n \r\n", HTML, kind="alternative")).text == "html words\n"


def test_the_html_branch_with_its_pictures_says_nothing_twice() -> None:
    related = (
        'Content-Type: multipart/related; boundary="r"\r\n\r\n--r\r\n' + HTML + "\r\n--r\r\n"
        "Content-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--r--"
    )
    found = read(multipart(PLAIN, related, kind="alternative"))
    assert found.text == "plain words\n"
    assert "html words" in found.html
    assert [(part.content_id, part.is_inline) for part in found.parts] == [("logo@x", True)]


def test_attachments_keep_their_names_and_bytes() -> None:
    attached = (
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''Rechnung%20%C3%9C.pdf\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(b'%PDF-1.7').decode()}"
    )
    (part,) = read(multipart(PLAIN, attached)).parts
    assert (part.name, part.content, part.is_inline) == ("Rechnung Ü.pdf", b"%PDF-1.7", False)


def test_a_message_within_a_message_is_a_file_that_can_be_opened() -> None:
    inner = mail(subject="The first one", text="inner words\n").decode()
    found = read(multipart(PLAIN, f"Content-Type: message/rfc822\r\n\r\n{inner}"))
    (part,) = found.parts
    assert (part.name, found.text) == ("The first one.eml", "plain words\n")
    assert read(part.content).text == "inner words\n"


def test_a_calendar_entry_says_when() -> None:
    entry = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Server move\\, part 2\r\nDTSTART:20261123T140000Z\r\n"
        "DTEND:20261123T160000Z\r\nLOCATION:Main office\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    found = read(multipart(f"Content-Type: text/calendar; method=REQUEST\r\n\r\n{entry}"))
    assert found.text == "Invitation: Server move, part 2\n2026-11-23 14:00 UTC - 2026-11-23 16:00 UTC\nMain office\n"
    assert [part.name for part in found.parts] == ["file.ics"]


def test_a_broken_winmail_is_kept_as_a_file() -> None:
    found = read(multipart(PLAIN, "Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nnot really"))
    assert [part.name for part in found.parts] == ["winmail.dat"]


def test_a_winmail_is_opened() -> None:
    packed = base64.b64encode(tnef("minutes.txt", b"what was said")).decode()
    part = f"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n{packed}"
    found = read(multipart(PLAIN, part))
    assert [(each.name, each.content) for each in found.parts] == [("minutes.txt", b"what was said")]


def tnef(name: str, content: bytes) -> bytes:
    """The smallest winmail.dat that holds a file (MS-OXTNEF 2.1.3)."""

    def attribute(level: int, kind: int, data: bytes) -> bytes:
        check = sum(data) & 0xFFFF
        return (
            bytes([level])
            + kind.to_bytes(4, "little")
            + len(data).to_bytes(4, "little")
            + data
            + check.to_bytes(2, "little")
        )

    return b"".join(
        [
            (0x223E9F78).to_bytes(4, "little"),
            b"\x01\x00",
            attribute(1, 0x00089006, b"\x00\x00\x01\x00"),
            attribute(2, 0x00069002, b"\x01\x00" + b"\xff" * 4 + b"\x00" * 8),
            attribute(2, 0x00018010, name.encode() + b"\x00"),
            attribute(2, 0x0006800F, content),
        ]
    )


@pytest.mark.parametrize(
    ("charset", "content", "words"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", b"\x80 Gr\xfc\xdfe", "€ Grüße"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("nonsense-9", "Grüße".encode(), "Grüße"),
        ("gb2312", "您好".encode("gb18030"), "您好"),
        ("utf-16", "Grüße".encode("utf-16"), "Grüße"),
        ("zip", b"plain", "plain"),
        ("punycode", b"plain", "plain"),
        ("unicode_escape", b"\\x41", "\\x41"),
        ("utf-8\x00\x00", b"plain", "plain"),
    ],
)
def test_hostile_and_mistaken_charsets(charset: str, content: bytes, words: str) -> None:
    assert text_of(content, charset) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvA==?= =?utf-8?b?w59l?=", "Grüße"),
        ("=?utf-8?b?R3LD?=\r\n =?utf-8?b?vMOfZQ==?=", "Grüße"),  # a character cut in two
        ("=?utf-8?b?R3LDvMOfZQ?= and more", "Grüße and more"),  # no padding
        ("=?nonsense?q?plain?=", "plain"),
        ("Re: =?utf-8?q?=", "Re: =?utf-8?q?="),
        ("a\r\n b\x00c\u202ed", "a b c d"),
    ],
)
def test_headers_as_people_read_them(given: str, words: str) -> None:
    assert header_text(given) == words


def test_addresses_of_careless_senders() -> None:
    assert addresses_in(['"Harbour, Anna" <Anna@X.Example>']) == [("Harbour, Anna", "anna@x.example")]
    assert addresses_in(["Harbour, Anna <anna@x.example>"])[-1][1] == "anna@x.example"
    assert addresses_in(["=?utf-8?q?M=C3=BCller=2C_Jo?= <jo@x.example>"]) == [("Müller, Jo", "jo@x.example")]
    assert addresses_in(["undisclosed-recipients:;", "not an address"]) == []
    assert addresses_in([f"(((( anna@{'a.' * 120}{'b' * 20}.example"]) == [], "longer than an address can be"


def test_ids_with_and_without_brackets() -> None:
    assert message_ids("<a@x> <b@x>\r\n <a@x>") == ["<a@x>", "<b@x>"]
    assert message_ids("a@x") == ["<a@x>"]


def test_two_senders_are_nobody_in_particular() -> None:
    assert read(mail("a@x.example, b@y.example")).one_sender is False
    assert read(mail("Anna <a@x.example>")).one_sender is True


@pytest.mark.parametrize(
    ("headers", "nature"),
    [
        ({}, "personal"),
        ({"Auto_Submitted": "no"}, "personal"),
        ({"Auto_Submitted": "auto-replied (vacation)"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated"}, "notice"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"List_Id": "<news.x.example>"}, "bulk"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"X_Auto_Response_Suppress": "All"}, "notice"),
        ({"subject": "Automatic reply: The printer", "In_Reply_To": "<ours@x>"}, "auto_reply"),
        ({"subject": "Abwesenheitsnotiz: Drucker", "References": "<ours@x>"}, "auto_reply"),
        ({"subject": "Out of office again? The door code fails"}, "notice"),
        ({"Return_Path": "<>", "subject": "Undelivered Mail Returned to Sender"}, "bounce"),
        ({"Return_Path": "<>"}, "auto_reply"),
        ({"X_Failed_Recipients": "gone@x.example"}, "bounce"),
    ],
)
def test_what_kind_of_a_message_it_is(headers: dict[str, str], nature: str) -> None:
    assert read(mail(**headers)).nature == nature


def test_a_report_names_who_did_not_get_which_message() -> None:
    status = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nOriginal-Recipient: rfc822;Gone@X.example\r\n"
        "Final-Recipient: rfc822; gone@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user"
    )
    original = "Content-Type: message/rfc822\r\n\r\nMessage-ID: <ours@x>\r\nSubject: hello\r\n\r\nhello"
    found = read(multipart(PLAIN, status, original, kind="report", extra='; report-type="delivery-status"'))
    assert found.nature == "bounce"
    assert found.report == {
        "recipients": [
            {"address": "gone@x.example", "action": "failed", "status": "5.1.1", "words": "550 no such user"}
        ],
        "original": "<ours@x>",
    }


def test_flowed_lines_are_whole_again() -> None:
    given = "one two \nthree\n> said \n> before\n-- \nAnna"
    assert unflowed(given, delsp=False) == "one two three\n> said before\n-- \nAnna"


def test_html_is_harmless_and_asks_nobody() -> None:
    html = (
        '<style>p{background:url(https://x.example/t)}</style><p style="background:url(https://x.example/t)" onclick="x()">a'
        '<img src="https://x.example/t.gif"><img src="cid:logo@x"><script>x()</script><a href="javascript:x()">b</a>'
        '<form action="https://x.example"><input name="q"></form><iframe src="https://x.example"></iframe>'
    )
    shown = harmless(html)
    assert "x.example" not in shown
    assert not any(word in shown for word in ("style", "onclick", "script", "form", "input", "iframe"))
    assert 'src="cid:logo@x"' in shown


def test_html_quotes_become_quoted_lines() -> None:
    html = (
        "<div>New words<br>and more</div><div>On Monday we wrote:</div><blockquote><p>Old</p><p>words</p></blockquote>"
    )
    assert text_from(html) == "New words\nand more\nOn Monday we wrote:\n\n> Old\n>\n> words\n"


def test_html_lists_tables_and_links() -> None:
    html = '<ol><li>one<li>two</ol><table><tr><td>a<td>b</table><a href="https://x.example/long">here</a>'
    assert text_from(html).split("\n") == ["1. one", "2. two", "", "a  b", "", "here <https://x.example/long>", ""]


# --- what tries to end the reading ---

NASTY: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\xff",
    "nul bytes": b"From: a@x.example\r\nSubject: a\x00b\r\n\r\n\x00\x00words\x00",
    "no end of headers": b"Subject: " + b"x" * 100_000,
    "ten thousand headers": b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\nwords",
    "400 nested parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(400)
    )
    + b"\r\nwords",
    "60 nested messages": b"Content-Type: message/rfc822\r\n\r\n" * 60 + b"Subject: deep\r\n\r\nwords",
    "3000 nested messages": b"Content-Type: message/rfc822\r\n\r\n" * 3000 + b"Subject: deep\r\n\r\nwords",
    "5000 parts": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nword\r\n" * 5000 + b"--b--",
    "20000 nested tags": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"words",
    "unclosed quotes": b'Content-Type: text/plain; charset="utf-8\r\nSubject: "a\r\n\r\nwords',
    "a bad date": b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nwords",
    "a bad address": b'From: "a@b" <<>@,;:x>,\r\nTo: ' + b"(" * 5000 + b"\r\n\r\nwords",
    "broken continuation of a name": b"Content-Disposition: attachment; filename*0*=utf-8''%E; filename*9=x; filename*0=y\r\n\r\nwords",
    "an unknown encoding": b"Content-Transfer-Encoding: x-rot13\r\n\r\nwords",
    "half of base64": b"Content-Transfer-Encoding: base64\r\n\r\nd29yZH",
    "encoded words without end": b"Subject: " + b"=?utf-8?b?" * 5000 + b"\r\n\r\nwords",
    "half surrogates": b"Content-Type: text/plain; charset=utf-16\r\n\r\n\xd8\x00\xd8\x00w",
    "a charset in three pieces": b"Content-Type: text/plain; charset*0*=a'b'c; charset*1=d\r\n\r\nwords",
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_messages_are_read_in_the_guarded_process(name: str) -> None:
    found = read_guarded(NASTY[name])
    if b"words" in NASTY[name] and name not in (
        "60 nested messages",
        "3000 nested messages",
        "broken continuation of a name",
    ):
        assert "word" in found.text or found.problems, name


def test_a_message_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    with pytest.raises(Unreadable, match="longer than 0 s"):
        read_guarded(mail(text="words\n" * 500_000), seconds=0.001)
    assert read_guarded(mail(text="words\n")).text == "words\n"


def test_a_bomb_of_sixty_megabytes_ends_nothing() -> None:
    """Base64 of zeros, as an attachment: it fits into the memory that reading may take, or it is refused; both are fine."""
    line = b"A" * 76 + b"\r\n"
    bomb = (
        multipart(PLAIN).removesuffix(b"--b--\r\n")
        + b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + line * 800_000
    )
    with contextlib.suppress(Unreadable):
        assert read_guarded(bomb).text == "plain words\n"
    assert read_guarded(mail(text="words\n")).text == "words\n"
    stop_reading()
