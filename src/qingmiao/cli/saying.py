"""What the command line says: in Chinese, or with `qingmiao --lang en …` in English by the one catalogue.

Files, JSON and tables that a command writes are the same in both; what the catalogue does not hold (names, labels, what
people wrote) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import click

from qingmiao.kernel.errors import Fault, UserError, told

LANGUAGES = ("zh", "en")


def in_english() -> bool:
    """Whether the command that runs was asked for in English."""
    context = click.get_current_context(silent=True)
    return context is not None and context.find_root().params.get("lang") == "en"


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """A text for who sits at the terminal, line by line in their language."""
    click.echo("\n".join(map(_said, text.split("\n"))) if in_english() else text, err=err, nl=nl)


def lines_of(faults: Iterable[Fault]) -> list[str]:
    """The lines that tell faults (`kernel.errors.told`), in the language of the command."""
    given = tuple(faults)
    lines = told(given)
    if not in_english():
        return lines
    known = {str(fault): _fault(fault) for fault in given}
    return [known.get(line) or _said(line) for line in lines]


def say_error(error: UserError) -> None:
    """What cannot be used, with all that is wrong, on the error stream."""
    say(f"错误：{error.message}", err=True)
    for line in lines_of(error.faults):
        click.echo(f"  {line}", err=True)


def _said(line: str) -> str:
    from qingmiao.figures.english import english  # it loads all content: only for who asks

    return english(line) if line.strip() else line


def _fault(fault: Fault) -> str:
    place = f" [{_said(fault.place)}]" if fault.place else ""
    hint = f" (hint: {_said(fault.hint)})" if fault.hint else ""
    return "".join(c if c.isprintable() else "�" for c in f"{fault.where}{place} {_said(fault.message)}{hint}")
