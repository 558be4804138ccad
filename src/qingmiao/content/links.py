"""Links: what a shared indicator, return, form or fact table does in this plan."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id


class SharedLink(Content):
    """What a shared entry does in this plan: added to its own implements, informs and serves.

    So that a definition in a shared pack knows no plan, and a county says which of its targets it decides.
    `content` is "indicator:ID", "return:ID", "form:ID", "fact:ID", "checklist:ID", "document:ID", "record:ID",
    "schedule:ID", "programme:ID" or "register:ID"; only indicators implement and inform.
    """

    content: Annotated[
        str,
        Field(pattern=r"^(indicator|return|form|fact|checklist|document|record|schedule|programme|register):\S+$"),
    ]
    implements: tuple[Id, ...] = ()
    informs: tuple[Id, ...] = ()
    serves: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _only_indicators_decide(self) -> Self:
        if not self.content.startswith("indicator:") and (self.implements or self.informs):
            raise ValueError(
                "implements、informs 只用于指标；报表、表单、事实表、检查单、文书种类、儿童记录、时间表、服务项目、登记册写 serves"
            )
        return self
