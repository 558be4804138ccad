"""The frame around commands in both languages: usage and its faults, which click says in English, in Chinese; what
commands say of themselves, which is written in Chinese, in English where that was asked for."""

from __future__ import annotations

import copy
import os
import re
from typing import Any, TypeVar

import click
from click import core, decorators, exceptions, formatting, parser, types

CHINESE = {
    "Aborted!": "已中止。",
    "Missing command.": "没有写命令。",
    "Options": "选项",
    "Positional arguments": "参数",
    "Commands": "命令",
    "Usage:": "用法：",
    "Got unexpected extra argument ({args})": "多写了参数：{args}",
    "Got unexpected extra arguments ({args})": "多写了参数：{args}",
    "env var: {var}": "环境变量：{var}",
    "default: {default}": "默认：{default}",
    "required": "必填",
    "(dynamic)": "（自动）",
    "Takes {nargs} values but 1 was given.": "要 {nargs} 个值，只写了 1 个。",
    "Takes {nargs} values but {len} were given.": "要 {nargs} 个值，写了 {len} 个。",
    "%(prog)s, version %(version)s": "%(prog)s，版本 %(version)s",
    "Show the version and exit.": "显示版本",
    "Show this message and exit.": "显示这段说明",
    "Did you mean {possibility}?": "是不是 {possibility}？",
    "(Did you mean one of: {possibilities}?)": "（是不是其中之一：{possibilities}？）",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Missing parameter": "缺少参数",
    "Missing parameter: {param_name}": "缺少参数：{param_name}",
    "Missing {param_type}": "缺少 {param_type}",
    "unknown error": "原因不明",
    "Invalid value: {message}": "写得不对：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 写得不对：{message}",
    "Could not open file {filename!r}: {message}": "打不开文件 {filename!r}：{message}",
    "Error: {message}": "错误：{message}",
    "Try '{command} {option}' for help.": "用法说明：{command} {option}",
    "No such option {name!r}.": "没有选项 {name!r}。",
    "No such command {name!r}.": "没有命令 {name!r}。",
    "Option {name!r} does not take a value.": "选项 {name!r} 后面不写值。",
    "Option {name!r} requires an argument.": "选项 {name!r} 后面要写一个值。",
    "Option {name!r} requires {nargs} arguments.": "选项 {name!r} 后面要写 {nargs} 个值。",
    "Argument {name!r} takes {nargs} values.": "参数 {name!r} 要 {nargs} 个值。",
    "Choose from:\n\t{choices}": "可以写：\n\t{choices}",
    "{value!r} is not {choice}.": "{value!r} 不是 {choice}。",
    "{value!r} is not one of {choices}.": "{value!r} 不在可选的 {choices} 之中。",
    "{value!r} does not match the format {format}.": "{value!r} 不合写法 {format}。",
    "{value!r} does not match the formats {formats}.": "{value!r} 不合任何一种写法：{formats}。",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 以内。",
    "{value!r} is not a valid boolean. Recognized values: {states}": "{value!r} 不是是或否；可以写 {states}",
    "{value!r} is not a valid {number_type}.": "{value!r} 不是数。",
    "{len_type} values are required, but {len_value} was given.": "要 {len_type} 个值，写了 {len_value} 个。",
    "{len_type} values are required, but {len_value} were given.": "要 {len_type} 个值，写了 {len_value} 个。",
    "file": "文件",
    "directory": "文件夹",
    "path": "路径",
    "{name} {filename!r} is a file.": "{name} {filename!r} 是一个文件。",
    "{name} {filename!r} is a directory.": "{name} {filename!r} 是一个文件夹。",
    "{name} {filename!r} is not readable.": "{name} {filename!r} 不能读。",
    "{name} {filename!r} is not writable.": "{name} {filename!r} 不能写。",
    "{name} {filename!r} is not executable.": "{name} {filename!r} 不能执行。",
    "{name} {filename!r} does not exist.": "{name} {filename!r} 不存在。",
}
"""What click says to who types a command, in Chinese."""

Spoken = TypeVar("Spoken", bound=click.Command)
_asked = ""


def begin() -> None:
    """A command line begins: nothing is asked for yet."""
    global _asked
    _asked = ""


def ask(context: click.Context, option: click.Parameter, value: str) -> str:
    """Keep in which language the command was asked for: an error is told after its context is gone."""
    global _asked
    _asked = value
    return value


def english_asked() -> bool:
    """Whether the frame speaks English: by `--lang`, before that is read by the environment."""
    return (_asked or os.environ.get("QINGMIAO_LANG", "")) == "en"


def framed(message: str) -> str:
    """What click says, in the language that was asked for."""
    return message if english_asked() else CHINESE.get(message, message)


def framed_number(one: str, many: str, number: int) -> str:
    """As `framed`, of two forms the one for a number."""
    return framed(one if number == 1 else many)


def speak() -> None:
    """From now on click says its own words by `framed`."""
    for module in (core, decorators, exceptions, formatting, parser, types):
        own: dict[str, Any] = vars(module)
        for name, function in (("_", framed), ("ngettext", framed_number)):
            if name in own:
                own[name] = function


def in_english(command: Spoken) -> Spoken:
    """A command, and all below it, with what they say of themselves in English."""
    made = copy.copy(command)
    made.help, made.short_help = _texts(command.help), _texts(command.short_help)
    vars(made)["_help_option"] = None  # it was made in the language of before
    made.params = [_parameter(p) for p in command.params]
    if isinstance(made, click.Group):
        made.commands = {name: in_english(one) for name, one in made.commands.items()}
    return made


def _parameter(given: click.Parameter) -> click.Parameter:
    made = copy.copy(given)
    for name in ("help", "metavar"):
        if isinstance(text := getattr(made, name, None), str):
            setattr(made, name, _texts(text))
    return made


def _texts(text: str | None) -> str | None:
    """Paragraph by paragraph; the lines of one are one text."""
    return text if text is None else "\n\n".join(map(say_english, paragraphs(text)))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a help text, each on one line; between Chinese and what follows no space was meant."""
    found = ("\n".join(line.strip() for line in p.split("\n")).strip() for p in re.split(r"\n\s*\n", text))
    return [re.sub(r"(?<=[!-~])\n(?=[!-~])", " ", p).replace("\n", "") for p in found]


def said(text: str) -> str:
    """A text of a command's help in the language that was asked for."""
    return say_english(text) if english_asked() else text


def say_english(text: str) -> str:
    """A text of a command's help in English."""
    from qingmiao.figures.english import english  # it loads all content: only for who asks

    return english(text)
