from __future__ import annotations

from msp.search.choices import Weight
from msp.search.rules import MOST, OF_A_TEXT, after, joined, tokens_of, words_of


def test_words_lose_case_accents_and_marks() -> None:
    assert words_of("Café-Müller's NAS_2 (Straße)") == ["cafe", "muller", "s", "nas", "2", "strasse"]
    assert words_of("A\u1f80 \u0130zmir") == words_of("A\u03b1 Izmir") == ["a\u03b1", "izmir"]  # iota below, dotted I


def test_codes_are_found_with_and_without_their_marks() -> None:
    assert joined("+44 191 496-0123") == "441914960123"
    assert tokens_of(["#4182"], [], []) == {"4182": Weight.CODE}
    assert set(tokens_of(["INV-2026-7"], [], [])) == {"inv20267", "inv", "2026", "7"}


def test_a_word_keeps_its_best_weight() -> None:
    found = tokens_of([], ["printer jams"], ["The printer on floor 2"])
    assert found["printer"] is Weight.NAME
    assert found["floor"] is Weight.TEXT


def test_a_long_text_cannot_fill_the_index() -> None:
    assert len(tokens_of([], [], [" ".join(f"w{n}" for n in range(5000))])) == OF_A_TEXT
    assert len(tokens_of([], [], [" ".join(f"w{n}x{m}" for n in range(60)) for m in range(50)])) == MOST


def test_after_stands_behind_every_longer_word_in_byte_order() -> None:
    words = ["pr", "printer", "prz", "pr\U0010fffe"]
    assert all(word.encode() < after("pr").encode() for word in words)
    assert after("pr").encode() < b"ps"
