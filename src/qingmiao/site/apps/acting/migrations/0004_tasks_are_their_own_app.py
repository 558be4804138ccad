"""Tasks move to the app `tasks` with their numbers, their files and their history; what they aim at stays here."""

import django.db.models.deletion
from django.db import migrations, models

CARRY = """
INSERT INTO tasks_task (
  id, source, source_id, part, again, title, text, level, element, area, unit_id, role, person_id, due_at, deadline,
  state, version, opened_by_id, opened_at, cause, countermeasure, answered_by_id, answered_at, closed_by_id,
  closed_at, note, reopened, went_up_to, went_up_at
)
SELECT t.id,
  CASE WHEN t.warning_id IS NOT NULL THEN 'warning' WHEN t.activity_id IS NOT NULL THEN 'document' ELSE 'direct' END,
  COALESCE(COALESCE(t.warning_id, t.activity_id)::text, ''),
  CASE WHEN t.warning_id IS NOT NULL THEN '' ELSE t.decision::text END,
  t.warning_id IS NOT NULL, t.title, '',
  CASE w.severity WHEN '高' THEN 3 WHEN '中' THEN 2 ELSE 1 END,
  COALESCE(w.target, ''), t.area, t.unit_id, '', NULL,
  (t.due_date + time '23:59') AT TIME ZONE 'Asia/Shanghai', '', t.state,
  t.version, t.opened_by_id, t.opened_at, t.cause, t.countermeasure, t.answered_by_id, t.answered_at, t.closed_by_id,
  t.closed_at, t.note, t.reopened,
  CASE t.escalated WHEN 0 THEN '[]' WHEN 1 THEN '["leader"]' ELSE '["leader", "committee_office"]' END::jsonb,
  t.escalated_at
FROM acting_task t LEFT JOIN monitoring_warning w ON w.id = t.warning_id;
INSERT INTO acting_aim (task_id, indicator, area, value_before, year_before)
SELECT id, indicator, area, value_before, year_before FROM acting_task WHERE indicator <> '' ORDER BY id;
INSERT INTO tasks_evidence (id, name, sha256, bytes, added_at, added_by_id, task_id)
SELECT id, name, sha256, bytes, added_at, added_by_id, task_id FROM acting_evidence WHERE task_id IS NOT NULL;
DELETE FROM acting_evidence WHERE task_id IS NOT NULL;
SELECT setval(pg_get_serial_sequence('tasks_task', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM tasks_task), false);
SELECT setval(pg_get_serial_sequence('tasks_evidence', 'id'),
  (SELECT COALESCE(MAX(id), 0) + 1 FROM tasks_evidence), false);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
NOT_BACK = """
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM tasks_task) THEN RAISE EXCEPTION 'there are tasks: this step does not go back'; END IF;
END $$;
"""
DEAF = "DROP TRIGGER acting_task_changed ON acting_task; DROP FUNCTION acting_changed();"
HEARING = """
CREATE OR REPLACE FUNCTION acting_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NOTIFY qingmiao_changes; RETURN NULL; END $$;
CREATE TRIGGER acting_task_changed AFTER INSERT OR UPDATE OR DELETE ON acting_task
FOR EACH STATEMENT EXECUTE FUNCTION acting_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("acting", "0003_changed"), ("monitoring", "0001_start"), ("tasks", "0002_changed")]
    operations = [
        migrations.CreateModel(
            name="Aim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("indicator", models.CharField(max_length=80)),
                ("area", models.CharField(blank=True, max_length=12)),
                ("value_before", models.FloatField(null=True)),
                ("year_before", models.IntegerField(null=True)),
                (
                    "task",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tasks.task"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["indicator", "area"], name="aim_indicator")]},
        ),
        migrations.RunSQL(CARRY, NOT_BACK),
        migrations.RunSQL(DEAF, HEARING),
        migrations.RemoveConstraint(model_name="evidence", name="evidence_of_one"),
        migrations.RemoveField(model_name="evidence", name="task"),
        migrations.AlterField(
            model_name="evidence",
            name="activity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="acting.activity"
            ),
        ),
        migrations.DeleteModel(name="Task"),
    ]
