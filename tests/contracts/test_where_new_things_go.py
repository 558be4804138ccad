"""ARCHITECTURE.md's table of where a new thing goes: every place exists, and every row is held by a test that
exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from qingmiao.content.kinds import KINDS

ROOT = Path(__file__).parents[2]
BASES = ("", "src/qingmiao", "src/qingmiao/site", "src/qingmiao/site/apps/*", "content/china", "content/xiangning")
HELD: dict[str, tuple[str, ...]] = {
    "starter of a kind of content (`qingmiao new-…`)": (
        "packs/test_new_entries.py::test_a_new_programme_passes_check_and_its_script_goes_through",
        "packs/test_new_entries.py::test_a_new_checklist_passes_check_and_its_case_is_judged",
        "packs/test_new_entries.py::test_a_new_register_passes_check_and_its_cases_come_out_as_they_say",
    ),
    "framework of others' indicators (纲要, SDG) and which of ours match": (
        "unit/sdmx/test_sdmx_command.py::test_structure_and_data_are_written_and_pass_their_own_check",
    ),
    "data set of a DHIS2 to be filled (ADX)": (
        "unit/sdmx/test_sdmx_command.py::test_counts_go_to_dhis2_as_adx_and_what_is_not_shown_does_not",
    ),
    "type of resource exchanged with an outside FHIR server": (
        "website/test_fhir_outside.py::test_what_changed_here_is_sent_once_and_refers_to_what_is_there",
    ),
    "kind of content": ("unit/content/test_new_kind.py::test_it_loads_and_is_whole",),
    "topic of the help page": (
        "website/test_help.py::test_each_role_reads_its_own_topics_and_may_open_every_page_named",
    ),
    "kind of work that waits on the page of today (first page)": (
        "website/test_today.py::test_a_liaison_begins_with_her_tasks_and_returns_and_what_is_late_says_how_long",
        "website/test_today.py::test_a_doctor_finds_the_children_and_no_figures_and_a_clerk_of_figures_no_child",
    ),
    "what the search finds": ("website/test_search.py::test_every_kind_is_found_by_whom_it_is_for",),
    "list that can be narrowed": (
        "website/test_filters.py::test_every_list_has_the_one_form_and_keeps_year_and_words",
    ),
    "how well cases went (an indicator of the daily work)": (
        "packs/test_outcome_indicators.py::test_each_outcome_is_an_indicator_of_its_own_cases",
        "unit/casework/test_outcomes.py::test_each_outcome_is_said_by_a_script_of_its_programme",
        "unit/content/test_outcomes_checked.py::test_what_cannot_be_counted_is_refused_with_its_line",
    ),
    "indicator, return, fact table, form, code list": (
        "packs/test_one_file.py::test_a_new_indicator_is_measured",
        "packs/test_one_file.py::test_a_new_return_is_collected_judged_and_has_its_template",
        "packs/test_one_file.py::test_a_new_questionnaire_with_a_condition_and_a_computed_field_is_filled",
        "packs/test_indicator_cases.py::test_case",
    ),
    "goal, target, system or duty of a plan; area; unit; who leads; what a shared indicator serves": (
        "packs/test_make_a_pack_doc.py::test_every_word_folder_and_threshold_is_named",
    ),
    "what a figure is compared with (全国, 全省)": (
        "unit/assess/test_assess_attainment.py::test_relative_to_without_that_years_reference",
    ),
    "what a county changes of a programme": (
        "unit/casework/test_changes.py::test_a_county_changes_single_lines_and_all_else_stays",
        "unit/casework/test_changes.py::test_a_change_that_does_not_hold_is_named",
    ),
    "English of a sentence that engines or apps say": (
        "website/test_english_pages.py::test_the_chinese_of_english_pages_is_content_or_names",
        "spec/report/test_in_english.py::test_what_stays_chinese_is_a_name",
        "spec/report/test_in_english.py::test_every_layout_has_its_english",
    ),
    "address under /api/v1": (
        "website/test_rest.py::test_the_document_is_open_and_the_committed_one",
        "website/test_rest.py::test_every_part_of_the_document_is_said_in_both_languages",
    ),
    "type of resource under /fhir": (
        "website/test_fhir_server.py::test_the_statement_is_open_and_names_only_what_is_answered",
    ),
    "when a child may have a file already": (
        "website/test_twice.py::test_the_same_child_is_found_however_it_is_written",
    ),
    "field type": (
        "unit/forms/test_kinds.py::test_every_type_has_its_class_and_its_place_in_expressions",
        "unit/forms/test_browser_agrees.py::test_a_form_with_every_kind_of_field",
    ),
    "form on a page": ("unit/forms/test_browser_agrees.py::test_every_form_of_the_pack",),
    "function of the expression language": (
        "spec/expressions/test_cases.py::test_the_table_has_every_function_and_kind_of_column",
        "spec/expressions/test_cases.py::test_browser",
    ),
    "function of a published norm, for forms": (
        "spec/expressions/test_norms.py::test_every_function_has_its_cases",
        "spec/expressions/test_norms.py::test_browser",
    ),
    "kind of event of a child's or mother's record": (
        "packs/test_record_cases.py::test_every_kind_of_event_has_its_case",
        "unit/content/test_records.py::test_what_cannot_work_is_refused_with_its_line",
    ),
    "a layout of lists of children (upload and download)": (
        "unit/test_child_sheets.py::test_headings_stand_anywhere_and_what_excel_made_of_a_run_is_undone",
    ),
    "table that lists who is there and what is due (a roll)": (
        "unit/content/test_rolls.py::test_what_cannot_work_is_refused_with_its_line",
        "website/test_demo_records.py::test_every_record_gives_the_row_of_the_facts_that_it_was_made_of",
    ),
    "what is due in a life": (
        "unit/content/test_records.py::test_what_cannot_work_is_refused_with_its_line",
        "generative/test_schedules_agree.py::test_one_person_and_many_have_the_same_due",
    ),
    "check between two events": ("packs/test_record_cases.py::test_every_check_between_visits_is_tried",),
    "how somebody stands to a case, and what of it is seen": (
        "website/test_cases_seen.py::test_lists_and_pages_show_what_the_oracle_says_and_nothing_else",
    ),
    "queue of cases": ("website/test_cases_seen.py::test_lists_and_pages_show_what_the_oracle_says_and_nothing_else",),
    "deadline": (
        "packs/test_one_file.py::test_a_new_deadline_runs_warns_and_is_late",
        "website/test_one_file_on_the_site.py::test_a_new_deadline_sets_the_moment_of_a_task",
    ),
    "for what files are read, on which legal ground, how long they are kept": (
        "unit/content/test_purposes.py::test_what_cannot_work_is_refused_with_its_line",
        "website/test_requests.py::test_what_asks_for_consent_is_refused_without_it_and_after_it_was_withdrawn",
    ),
    "sealed column": ("website/test_keys.py::test_every_sealed_column_of_every_model_is_rotated",),
    "role": (
        "website/test_roles.py::test_one_file_lets_its_people_do_what_it_is_like",
        "website/test_one_file_on_the_site.py::test_a_person_of_a_new_role_sees_and_does_what_it_is_like",
    ),
    "threshold": ("packs/test_make_a_pack_doc.py::test_every_word_folder_and_threshold_is_named",),
    "published norm": ("unit/standards/test_screening_and_other_pages.py::test_derivations_are_found_by_name",),
    "kind of target": ("packs/test_make_a_pack_doc.py::test_every_kind_of_target_is_shown",),
    "SQL engine": (
        "generative/test_measure_oracle.py::test_engine_equals_oracle",
        "unit/measure/test_compile.py::test_the_dialects_differ_in_words_only",
    ),
    "questionnaire put to people": ("website/test_surveys.py::test_a_survey_from_making_to_the_indicators_facts",),
    "report": ("packs/test_one_file.py::test_a_new_report_layout_is_made_by_monitor",),
    "kind of block of reports": (
        "spec/report/test_layouts.py::test_every_name_that_a_layout_may_use_is_one_that_the_engine_has",
    ),
    "report format": ("spec/report/test_three_formats_say_the_same.py::test_each_sentence_is_in_the_file",),
    "what everybody may see of a released report": (
        "website/test_public_shelf.py::test_no_small_count_of_the_run_is_on_the_shelf",
        "website/test_portal.py::test_a_person_who_follows_links_finds_every_page_and_none_is_dead",
    ),
    "kind of service that everybody may find (找服务)": (
        "packs/test_register_cases.py::test_a_new_register_is_one_file_that_check_proves_whole",
        "website/test_public_services.py::test_an_entry_in_force_is_on_the_shelf_of_a_released_report",
    ),
    "document that goes to the public as news": (
        "website/test_public_services.py::test_news_is_what_two_people_agreed_and_a_report_released",
    ),
    "kind of document (a plan, a check, a meeting …)": (
        "website/test_acting.py::test_a_new_kind_of_document_is_one_file",
        "website/test_acting.py::test_a_kind_goes_through_the_flow_that_its_file_says",
    ),
    "programme of casework": (
        "unit/casework/test_programmes.py::test_every_programme_has_its_script",
        "unit/casework/test_programmes.py::test_the_script_goes_as_it_says",
    ),
    "benefit paid month by month": (
        "unit/content/test_benefits.py::test_a_benefit_that_cannot_work_is_refused",
        "unit/benefits/test_benefit_runs.py::test_after_every_run_what_was_paid_is_what_is_due",
    ),
    "what is counted of a case": (
        "website/test_cases_counted.py::test_a_core_case_and_a_sealed_one_are_only_counted",
        "website/test_cases_counted.py::test_of_every_programme_cases_and_clocks_can_be_counted",
    ),
    "many cases at once (from a list, or one for each entry of a register)": (
        "unit/casework/test_listing.py::test_each_of_names_what_is_there_and_what_is_asked",
        "website/test_cases_from_a_list.py::test_a_round_of_all_schools_is_opened_from_the_register",
    ),
    "what opens a case by itself": (
        "unit/content/test_openings.py::test_what_does_not_fit_is_named",
        "website/test_self_opening.py::test_a_record_opens_a_case_once_at_the_unit_that_answers_and_as_secret_as_it_is",
    ),
    "chain across programmes (五位一体, 一门受理)": (
        "unit/casework/test_chains.py::test_a_chain_that_leaves_out_or_repeats_is_named",
        "unit/casework/test_chains.py::test_a_case_along_its_script_always_has_a_link_until_it_ends",
        "website/test_cases.py::test_who_leads_sees_counts_and_no_small_ones_of_cases_that_she_does_not_see",
    ),
    "register (登记册)": (
        "packs/test_register_cases.py::test_a_new_register_is_one_file_that_check_proves_whole",
        "packs/test_register_cases.py::test_a_register_comes_to_what_its_cases_say",
    ),
    "count of where cases are lost (新生儿筛查、残疾筛查)": (
        "unit/casework/test_funnels.py::test_a_funnel_that_does_not_hold_together_is_named",
        "unit/casework/test_funnels.py::test_each_link_says_how_many_came_wait_and_ended",
    ),
    "what a commissioned evaluator is given of persons": (
        "website/test_outside_evaluator.py::test_the_package_tells_nobody_apart_and_names_nobody",
        "unit/content/test_outside_roles.py::test_what_would_tell_a_person_or_lead_nowhere_is_found",
    ),
    "scheme by which units are evaluated": (
        "website/test_evaluation.py::test_weights_that_do_not_fit_are_found",
        "website/test_evaluation.py::test_differences_are_settled_once_for_both_and_the_trail_says_how_many",
    ),
    "yearbook of statistics (its chapters and tables)": (
        "unit/report/test_yearbook.py::test_a_yearbook_that_names_what_is_not_there_is_found",
        "unit/report/test_yearbook.py::test_counts_are_rounded_and_small_ones_leave_no_way_back",
    ),
    "inspection checklist": (
        "website/test_one_file_on_the_site.py::test_a_new_checklist_is_one_file_and_a_visit_is_made_by_it",
        "packs/test_checklist_cases.py::test_every_limit_is_tried_below_on_and_above",
    ),
    "paper of an inspection (检查记录表, 整改通知书)": (
        "unit/content/test_visit_papers.py::test_a_paper_that_does_not_hold_together_is_named",
        "website/test_one_file_on_the_site.py::test_a_new_checklist_is_one_file_and_a_visit_is_made_by_it",
    ),
    "guard or effect that flows of documents may name": (
        "website/test_flows.py::test_every_word_that_flows_of_documents_may_name_is_carried_out",
    ),
    "who asks for tasks (a return, a case …)": (
        "website/test_tasks.py::test_a_source_opens_moves_and_ends_its_own_tasks_and_no_others",
    ),
    "kind of source of facts": ("website/test_facts.py::test_a_row_shows_where_it_came_from",),
    "something that the demonstration site shows": (
        "website/test_acting.py::test_the_demonstration_has_something_on_every_page",
    ),
    "something that people are told": (
        "website/test_notices.py::test_a_unit_is_dunned_once_a_day_and_its_people_are_told",
    ),
    "way outside for notices (SMS, e-mail)": (
        "website/test_notices.py::test_the_gateway_gets_each_whole_and_again_where_it_failed",
    ),
    "files that an app keeps": ("website/test_sweeping.py::test_every_column_that_may_name_a_file_is_asked",),
    "background job": ("website/test_jobs.py::test_every_job_is_known_to_the_workers_under_its_name_and_queue",),
    "holidays of a new year": ("unit/kernel/test_deadlines.py::test_every_published_year_has_its_notice",),
    "page of the site": ("website/test_permissions.py::test_every_address_has_a_row_and_every_row_an_address",),
    "state or step of a flow": (
        "website/test_flows.py::test_every_path",
        "website/test_flows.py::test_the_printed_pages_are_not_stale",
    ),
    "what follows when a task is closed or reopened": (
        "website/test_proofs.py::test_a_closed_task_is_evidence_moves_its_indicator_and_is_gone_when_opened_again",
    ),
    "command": ("contracts/test_repository.py::test_every_command_has_help",),
}
"""Row → the tests that fail when its place is forgotten or wrong."""


def rows() -> dict[str, str]:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    table = text.partition("| new | one place |\n|---|---|\n")[2].partition("\n\n")[0]
    return {new.strip(): place.strip() for new, place in re.findall(r"^\| (.+?) \| (.+) \|$", table, re.M)}


ROWS = rows()


def names_in(path: Path) -> set[str]:
    return {n.name for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)}


def found(token: str) -> bool:
    """A path of the table stands below one of the places it may be told from; `<part>` is any name."""
    pattern = re.sub(r"<\w+>", "*", token.rstrip("/"))
    if "/" not in pattern:
        return (
            any(ROOT.glob(f"src/qingmiao/**/{pattern}"))
            or any(ROOT.glob(f"frontend/src/{pattern}"))
            or any(ROOT.glob(f"content/*/{pattern}"))
        )
    return any(any(ROOT.glob(f"{base}/{pattern}" if base else pattern)) for base in BASES)


def test_every_row_is_held_by_a_test() -> None:
    assert set(HELD) == set(ROWS)


@pytest.mark.parametrize("folder", sorted(KINDS))
def test_every_kind_of_content_is_in_the_table(folder: str) -> None:
    assert any(re.search(rf"(?<![\w/]){folder}(?!\w)", place) for place in ROWS.values())


@pytest.mark.parametrize("row", sorted(HELD))
def test_the_tests_of_a_row_exist(row: str) -> None:
    for held in HELD[row]:
        file, _, name = held.partition("::")
        assert name in names_in(ROOT / "tests" / file), held


@pytest.mark.parametrize("row", sorted(ROWS))
def test_the_places_of_a_row_exist(row: str) -> None:
    tokens = [t for t in re.findall(r"`([^`]+)`", ROWS[row]) if re.fullmatch(r"[\w./<>\-]+", t)]
    paths = [t for t in tokens if "/" in t or re.search(r"\.(py|yaml|md|js|css)$", t)]
    missing = [p for p in paths if not found(p)]
    assert missing == [], f"{row}: {missing}"
