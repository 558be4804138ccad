"""The registry of content kinds: a new kind is one row here and its model (and the check that the row may name).

Loading, layering, uniqueness, references, `check`, `diff`, `coverage`, `schema`, the starter pack's list of folders and
docs/reference/content-kinds.md follow from the rows; the entries are read with ``pack.entries(folder, Model)``.
"""

from __future__ import annotations

from qingmiao.content.adx import AdxSet, check_adx
from qingmiao.content.areas import AreaGroup, AreaItem
from qingmiao.content.base import Content
from qingmiao.content.benefits import Benefit, BenefitStandard, PaymentFile
from qingmiao.content.chains import Chain, check_chains
from qingmiao.content.check_areas import check_areas
from qingmiao.content.check_benefits import check_benefits, check_standards
from qingmiao.content.check_checklists import check_checklists
from qingmiao.content.check_codes import check_codes
from qingmiao.content.check_deadlines import check_deadlines
from qingmiao.content.check_documents import check_documents
from qingmiao.content.check_facts import check_facts
from qingmiao.content.check_forms import check_forms
from qingmiao.content.check_indicators import check_indicators
from qingmiao.content.check_leads import check_leads
from qingmiao.content.check_organisations import check_organisations
from qingmiao.content.check_plan import check_plan
from qingmiao.content.check_programmes import check_programmes
from qingmiao.content.check_records import check_records, check_visit_checks
from qingmiao.content.check_registers import check_registers
from qingmiao.content.check_returns import check_returns
from qingmiao.content.check_roles import check_roles
from qingmiao.content.check_rolls import check_rolls
from qingmiao.content.check_schedules import check_schedules
from qingmiao.content.check_sheets import check_sheets
from qingmiao.content.checklists import Checklist
from qingmiao.content.codes import CodeList
from qingmiao.content.deadlines import Deadline
from qingmiao.content.documents import DocumentKind
from qingmiao.content.evaluations import EvaluationScheme, check_evaluations
from qingmiao.content.facts import Fact
from qingmiao.content.forms import Form
from qingmiao.content.frameworks import Framework, check_frameworks
from qingmiao.content.funnels import CaseFunnel, check_funnels
from qingmiao.content.help import HelpTopic, check_help
from qingmiao.content.indicators import Indicator
from qingmiao.content.kind import ContentKind, Reference, Side
from qingmiao.content.leads import Lead
from qingmiao.content.links import SharedLink
from qingmiao.content.organisations import OrganisationItem
from qingmiao.content.plan import Duty, PlanField, System
from qingmiao.content.programme_changes import ProgrammeChange, check_changes
from qingmiao.content.programme_parts import CaseBlock
from qingmiao.content.programmes import Programme
from qingmiao.content.purposes import Purpose, check_purposes
from qingmiao.content.records import RecordKind, VisitCheck
from qingmiao.content.references import ReferenceValue
from qingmiao.content.registers import RegisterKind
from qingmiao.content.reports import Layout
from qingmiao.content.returns import Return
from qingmiao.content.roles import RoleItem
from qingmiao.content.rolls import Roll
from qingmiao.content.schedules import Schedule
from qingmiao.content.sheets import ListLayout
from qingmiao.content.visit_papers import VisitPaper
from qingmiao.content.yearbooks import Yearbook, check_yearbooks


def _filled_here(form: Content) -> Side:
    """A form of daily work or a questionnaire is where the work is done; an evidence form watches."""
    return "measured" if getattr(form, "purpose", "") == "evidence" else "operated"


_CODES = "代码表"
_UNITS = "organisations"
_ROWS = (
    ContentKind("plan/fields", PlanField, "领域", "fields", check=check_plan, counter="个"),
    ContentKind("plan/systems", System, "制度机制", "systems and mechanisms", many=True, counter="项"),
    ContentKind("plan/duties", Duty, "职责", "duties", many=True, counter="项"),
    ContentKind("codes", CodeList, _CODES, "code lists", check=check_codes),
    ContentKind("areas", AreaItem, "行政区划", "areas", many=True, key="code", check=check_areas),
    ContentKind("area_groups", AreaGroup, "地区分组", "groups of areas", many=True),
    ContentKind("organisations", OrganisationItem, "单位", "organisations", many=True, check=check_organisations,
        refers=(Reference("area", "areas", "地区"), Reference("parent", _UNITS, "上级单位"))),
    ContentKind("roles", RoleItem, "角色", "roles", check=check_roles,
        refers=(Reference("children.due", "schedules", "时间表", where_listed=True),)),
    ContentKind("leads", Lead, "分工", "leads", many=True, key=None, told_apart=("of", "valid_from"), check=check_leads),
    ContentKind("links", SharedLink, "共享内容的用处", "links", many=True, key=None, told_apart=("content",)),
    ContentKind("facts", Fact, "事实表", "fact tables", word="fact", serving="measured", check=check_facts, counter="张",
        refers=(Reference("owner", _UNITS, "单位", where_listed=True),
                Reference("columns.*.codes", "codes", _CODES), Reference("derived.*.codes", "codes", _CODES))),
    ContentKind("indicators", Indicator, "指标", "indicators", word="indicator", check=check_indicators, counter="个",
        refers=(Reference("lead", _UNITS, "牵头单位", where_listed=True), Reference("form", "forms", "表单"))),
    ContentKind("returns", Return, "统计报表", "returns", word="return", serving="measured",
        check=check_returns, counter="张", refers=(Reference("reporter", _UNITS, "填报单位", where_listed=True),)),
    ContentKind("forms", Form, "表单", "forms", word="form", serving=_filled_here, check=check_forms, counter="份",
        refers=(Reference("fact", "facts", "事实表"),)),
    ContentKind("documents", DocumentKind, "文书种类", "kinds of documents", word="document", serving="operated",
        check=check_documents,
        refers=(Reference("form", "forms", "表单"), Reference("scheme", "evaluations", "评估方案"),
            Reference("package", "evaluations", "评估方案"))),
    ContentKind("evaluations", EvaluationScheme, "评估方案", "schemes of evaluation", check=check_evaluations, counter="份"),
    ContentKind("help", HelpTopic, "帮助", "help topics", check=check_help),
    ContentKind("checklists", Checklist, "检查单", "inspection checklists", word="checklist", serving="operated",
        check=check_checklists, counter="份", refers=(Reference("units", _UNITS, "检查单位", where_listed=True),)),
    ContentKind("visit_papers", VisitPaper, "检查文书", "papers of inspections", counter="种"),
    ContentKind("records", RecordKind, "儿童记录", "kinds of events of a record", word="record",
        serving="operated", check=check_records, counter="种",
        refers=(Reference("form", "forms", "表单"), Reference("publishes.*.fact", "facts", "事实表"),
                Reference("follow_up.*.closed_by", "records", "儿童记录"), Reference("beside.*", "records", "儿童记录"),
                Reference("due", "schedules", "时间表"))),
    ContentKind("record_checks", VisitCheck, "两次记录之间的审核", "checks between visits", many=True,
        check=check_visit_checks),
    ContentKind("schedules", Schedule, "时间表", "schedules of what is due", word="schedule", check=check_schedules,
        counter="份", refers=(Reference("kinds", "records", "儿童记录"),
                             Reference("changed_by.*.kind", "records", "儿童记录"),
                             Reference("items.*.kinds", "records", "儿童记录"),
                             Reference("items.*.after", "records", "儿童记录"),
                             Reference("items.*.until", "records", "儿童记录"))),
    ContentKind("rolls", Roll, "名册", "rolls worked out from children's files", check=check_rolls, counter="份",
        refers=(Reference("fact", "facts", "事实表"), Reference("counted.*.kinds", "records", "儿童记录"))),
    ContentKind("sheets", ListLayout, "名单版式", "layouts of lists of children", word="sheet", check=check_sheets,
        counter="种", refers=(Reference("record", "records", "儿童记录"),)),
    ContentKind("registers", RegisterKind, "登记册", "registers", word="register", serving="operated",
        check=check_registers, counter="种",
        refers=(Reference("keeper", _UNITS, "单位", where_listed=True),)),
    ContentKind("case_blocks", CaseBlock, "个案字段块", "shared blocks of fields of cases"),
    ContentKind("programmes", Programme, "服务项目", "programmes of casework", word="programme",
        serving="operated", check=check_programmes, counter="个"),
    ContentKind("programme_changes", ProgrammeChange, "服务项目的本县改动", "a county's changes of programmes",
        check=check_changes),
    ContentKind("chains", Chain, "工作链条", "chains across programmes", check=check_chains, counter="条"),
    ContentKind("funnels", CaseFunnel, "流失统计", "funnels of programmes", check=check_funnels, counter="份"),
    ContentKind("benefits", Benefit, "按月发放的待遇", "benefits paid month by month", word="benefit", serving="operated",
        check=check_benefits, counter="种"),
    ContentKind("benefit_standards", BenefitStandard, "待遇标准", "standards of benefits", many=True,
        check=check_standards, counter="个", refers=(Reference("benefit", "benefits", "按月发放的待遇"),)),
    ContentKind("payment_files", PaymentFile, "代发文件版式", "layouts of payment files"),
    ContentKind("purposes", Purpose, "用途", "purposes of reading files", check=check_purposes, counter="个"),
    ContentKind("deadlines", Deadline, "时限", "deadlines", word="deadline", serving="measured", check=check_deadlines),
    ContentKind("reports", Layout, "报告版式", "report layouts", counter="份"),
    ContentKind("adx", AdxSet, "DHIS2 数据集", "data sets of DHIS2", check=check_adx),
    ContentKind("frameworks", Framework, "对照体系", "frameworks of others' indicators", check=check_frameworks,
        counter="套"),
    ContentKind("yearbooks", Yearbook, "统计资料", "yearbooks of statistics", word="yearbook", serving="operated",
        check=check_yearbooks, counter="种"),
    ContentKind("references", ReferenceValue, "比较数", "reference values", many=True, key=None,
        told_apart=("series", "area", "year")),
)  # fmt: skip

KINDS: dict[str, ContentKind] = {row.folder: row for row in _ROWS}
"""Folder of a pack → its kind. Beside them: pack.toml, plan/plan.yaml, policy.yaml, tests/, data/, demo/, docs/."""
