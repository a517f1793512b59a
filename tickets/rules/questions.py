"""A request form's questions as its author writes them, one a line: pure.

`Which laptop?` asks for words, a star at the end for an answer: `Which laptop? *`. Choices stand behind bars:
`Where? | Leeds | York *`. A line that begins with a hash is left aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_QUESTIONS = 12
LONGEST_QUESTION = 120


@dataclass(frozen=True)
class Question:
    label: str
    choices: Sequence[str] = ()
    required: bool = False


def questions_in(text: str) -> list[Question]:
    """The questions of a form, MOST_QUESTIONS at most."""
    lines = (line.strip() for line in text.splitlines())
    found = [_question(line) for line in lines if line and not line.startswith("#")]
    return [question for question in found if question.label][:MOST_QUESTIONS]


def _question(line: str) -> Question:
    required = line.endswith("*")
    label, *choices = (part.strip() for part in line.rstrip("* ").split("|"))
    return Question(label[:LONGEST_QUESTION], tuple(dict.fromkeys(choice for choice in choices if choice)), required)


def written_out(answers: Iterable[tuple[str, str]], body: str) -> str:
    """Answers and free words as one message that people read."""
    lines = [
        f"{label} {answer}" if label.endswith("?") else f"{label}: {answer}" for label, answer in answers if answer
    ]
    return "\n\n".join(part for part in ("\n".join(lines), body.strip()) if part)
