"""Nothing of the apps writes beside the doors but what is listed here with its reason; a new one is red.

A door asks who may, compares and sets, runs what follows and appends the event, in one transaction (`access.create`,
`perform`, `work`, `beside`). What is listed is worked out from rows that a door has written, or is no deed of anybody.
"""

from __future__ import annotations

from contracts.writes import read

DOOR = "is the door itself"
TRAIL = "is the trail itself: appended by doors, sealed by its own thread"
LOGIN = "has nobody's door yet: what a login, a session, a key or an operation leaves behind to be recognised by"
CONTENT = "brings the pack's content or the areas of a first start into the database, and says so in the trail"
DERIVED = "is worked out anew from rows that doors have written, by a worker or beside the page that first needs it"
PROGRESS = "tells how far a worker is with what a door has asked for"
FACTS = "appends facts in the transaction of the step that publishes them (decision 0015)"
OUTBOX = "puts what a step has changed where the next reader finds it, in that step's transaction"
MEASURED = "keeps what a run of measuring found; its event is `monitoring.run`"
JOB = "is a worker's deed, with its own event in its transaction"
WITH = "writes in the transaction of a step that it has just taken by the door"
ASKED = "opens what a step or a decision asks for, in its transaction and with its own event"
TOLD = "tells people what a step caused, in its transaction; who reads marks it as read"
SCRATCH = "writes into tables that end with the transaction"

BESIDE = {
    "acting.work:_aim": WITH,
    "audit.appending:append": TRAIL,
    "audit.api:seen_each": TRAIL,
    "audit.sealing:_seal_batch": TRAIL,
    "cases.clocks:_one": DERIVED,
    "cases.hearing:_put": OUTBOX,
    "cases.publishing:publish_all": DERIVED,
    "cases.self_opening:_open": JOB,
    "cases.self_opening:_said_anew": JOB,
    "cases.self_opening:_verify": JOB,
    "cases.self_opening:open_heard": JOB,
    "directory.access:_set": DOOR,
    "directory.access:create": DOOR,
    "directory.forgotten:guided": LOGIN,
    "directory.kept_roles:keep": CONTENT,
    "directory.loading:_end": CONTENT,
    "directory.loading:load_pack": CONTENT,
    "directory.lockout:failed": LOGIN,
    "directory.lockout:succeeded": LOGIN,
    "directory.operations:begin": LOGIN,
    "directory.operations:end": LOGIN,
    "directory.sessions:find": LOGIN,
    "directory.tokens:find": LOGIN,
    "facts.outbox:take": OUTBOX,
    "facts.outbox:tell": OUTBOX,
    "facts.publishing:_append": FACTS,
    "facts.publishing:_copy": FACTS,
    "facts.publishing:_supersede": FACTS,
    "facts.publishing:load": FACTS,
    "facts.renewing:renew_each": FACTS,
    "monitoring.measuring:make_run": MEASURED,
    "monitoring.renewing:_renew": MEASURED,
    "notices.api:mark_read": TOLD,
    "notices.gateway:send_waiting": TOLD,
    "notices.telling:tell": TOLD,
    "publishing.making:_told": PROGRESS,
    "records.bulk:copy_table": WITH,
    "records.due_counting:count_all": DERIVED,
    "records.list_matching:_hear": SCRATCH,
    "records.list_registering:register": WITH,
    "records.list_work:FarTold.tell": PROGRESS,
    "records.list_work:_do": DERIVED,
    "records.list_work:carry_out": PROGRESS,
    "records.list_work:gave_up": PROGRESS,
    "records.list_work:start": PROGRESS,
    "records.mothers.births:born": WITH,
    "records.rekeying:_phones": JOB,
    "records.rolls.publishing:_publish_one": DERIVED,
    "records.rolls.publishing:_wait": DERIVED,
    "records.rolls.publishing:publish_waiting": DERIVED,
    "records.versions:form_kept": DERIVED,
    "registers.entering:_person": WITH,
    "registers.missing:_publish": DERIVED,
    "registers.missing:every_night": DERIVED,
    "registers.missing:publish_waiting": DERIVED,
    "returns.accepted:_collections": CONTENT,
    "returns.accepted:_copy_cells": CONTENT,
    "returns.accepted:import_accepted": CONTENT,
    "returns.calendar:remind": JOB,
    "surveys.links:count": LOGIN,
    "tasks.escalation:escalate": JOB,
    "tasks.opening:open_task": ASKED,
}
"""Function of an app → why it writes beside the doors."""


def test_nothing_writes_beside_the_doors_but_what_is_listed() -> None:
    found = read()
    assert len(found.writes) > 100, "the writes of the apps are read"
    beside = found.beside()
    assert sorted(beside - set(BESIDE)) == [], "take it through access.perform, create, work or beside"
    assert sorted(set(BESIDE) - beside) == [], "it is behind a door now, or gone: drop its row"
