"""What the places and conditions of a layout's templates stand for in a run; their names are `content.reports`."""

from __future__ import annotations

from qingmiao.content.reports import PLACE, Bilingual, Sentence
from qingmiao.figures.numbers import RateOf, SettingOf, WordsRef
from qingmiao.report.blocks import townships
from qingmiao.report.blocks.context import Context
from qingmiao.report.model import Inline, Parts, Text


def compose(c: Context, words: Bilingual) -> Parts:
    """A template, in the language of the report, with its places filled by references and words."""
    template = words.said(c.language)
    out: list[Inline] = []
    position = 0
    for match in PLACE.finditer(template):
        if match.start() > position:
            out.append(Text(template[position : match.start()]))
        out.append(place(c, match.group(1)))
        position = match.end()
    if position < len(template):
        out.append(Text(template[position:]))
    return tuple(out)


def said(c: Context, sentences: Bilingual | tuple[Sentence | Bilingual, ...]) -> Parts:
    """A paragraph: the sentences whose conditions hold, one behind the other."""
    if isinstance(sentences, Bilingual):
        return compose(c, sentences)
    out: Parts = ()
    for sentence in sentences:
        words = sentence if isinstance(sentence, Bilingual) else sentence.say if holds(c, sentence.when) else None
        if words is not None:
            out += ((Text(" "),) if out and c.language == "en" else ()) + compose(c, words)
    return out


def place(c: Context, name: str) -> Inline:
    """What one place stands for. Raises KeyError for a name that is no place: the content's check has refused it."""
    kind, _, key = name.partition(".")
    plan = c.pack.plan
    match kind:
        case "count":
            return c.count(key)
        case "setting":
            return SettingOf(key)
        case "percent":
            return SettingOf(key, percent=True)
        case "rate":
            return RateOf(c.count("met"), c.count("judged"))
        case "plan":
            return WordsRef("plan", "plan", "title")
        case "field":
            return WordsRef("field", c.field)
        case "snapshot" | "run":
            return WordsRef("run", kind)
        case "year":
            return Text(str(c.year))
        case "start" | "end":
            return Text(str(getattr(plan, kind)) if plan is not None else "")
        case "each":
            return Text(c.lower_level.each if c.lower_level else "")
    raise KeyError(name)


def holds(c: Context, conditions: tuple[str, ...]) -> bool:
    """Whether all conditions hold."""
    return all(_holds(c, name.removeprefix("not ")) is not name.startswith("not ") for name in conditions)


def _holds(c: Context, name: str) -> bool:
    kind, _, key = name.partition(".")
    plan = c.pack.plan
    match kind:
        case "some":
            return bool(c.book.counts[c.count(key).name][1])
        case "before_plan":
            return plan is not None and c.year < plan.start
        case "after_plan":
            return plan is not None and c.year > plan.end
        case "nothing_yet":
            return c.nothing_yet
        case "rate_told":
            return c.tells_rate(c.field)
        case "lower_areas":
            return c.lower_level is not None
        case "compared":
            return bool(townships.compared(c))
        case "demo":
            return c.demo
    raise KeyError(name)
