"""A person whose answers are known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Person:
    """Answers in order; EOFError when there are no more. ``said`` holds what was shown."""

    answers: list[str] = field(default_factory=list)
    is_person: bool = True
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    def say(self, text: str = "") -> None:
        self.said.append(text)

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return self._next().strip()

    def ask_hidden(self, question: str) -> str:
        self.hidden.append(question)
        return self._next()

    @property
    def heard(self) -> str:
        return "\n".join(self.said)

    def _next(self) -> str:
        if not self.answers:
            raise EOFError
        answer = self.answers.pop(0)
        if answer == "^C":
            raise KeyboardInterrupt
        return answer
