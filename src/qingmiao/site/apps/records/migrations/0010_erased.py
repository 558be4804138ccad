"""What a file once said may go, where the erasure of that file stands: the database lets the versions of such a file be
emptied, and refuses every other change as before. Glass that was broken earlier is put up for review."""

from django.db import migrations

ERASED = """
CREATE FUNCTION records_erased(number bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE led(id) AS (
        SELECT number UNION
        SELECT c.merged_into_id FROM records_child c JOIN led ON c.id = led.id WHERE c.merged_into_id IS NOT NULL
    ) SELECT EXISTS (SELECT 1 FROM records_erasure e JOIN led ON e.child_id = led.id WHERE e.state = 'erased');
$$;
CREATE FUNCTION records_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said records_record_version;
BEGIN
    IF TG_OP = 'UPDATE' AND records_erased((SELECT child_id FROM records_record WHERE id = OLD.record_id)) THEN
        said := NEW;
        said.answers := OLD.answers;
        said.explanations := OLD.explanations;
        said.reason := OLD.reason;
        IF said IS NOT DISTINCT FROM OLD AND NEW.answers = '{}' AND NEW.explanations = '{}' AND NEW.reason = ''
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'files of children are append only';
END $$;
DROP TRIGGER records_record_version_kept ON records_record_version;
CREATE TRIGGER records_record_version_kept BEFORE UPDATE OR DELETE ON records_record_version
    FOR EACH ROW EXECUTE FUNCTION records_version_kept();
CREATE FUNCTION records_identity_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.number_sealed IS NULL AND NEW.certificate_sealed IS NULL
        AND NEW.child_id = OLD.child_id AND NEW.number = OLD.number AND records_erased(OLD.child_id) THEN RETURN NEW;
    END IF;
    RAISE EXCEPTION 'files of children are append only';
END $$;
"""
REKEYED = "CREATE TRIGGER records_child_version_kept BEFORE UPDATE OR DELETE ON records_child_version FOR EACH ROW"
FORWARD = f"""{ERASED}
DROP TRIGGER records_child_version_kept ON records_child_version;
{REKEYED} WHEN (NOT records_erased(OLD.child_id))
    EXECUTE FUNCTION records_rekeyed_only();
CREATE TRIGGER records_child_version_erased BEFORE UPDATE OR DELETE ON records_child_version
    FOR EACH ROW WHEN (records_erased(OLD.child_id)) EXECUTE FUNCTION records_identity_kept();
INSERT INTO records_glass_review (glass_id, unit_id, reason, state, version)
    SELECT g.id, c.unit_id, '', 'open', 1 FROM records_glass g JOIN records_child c ON c.id = g.child_id;
"""
BACKWARD = f"""
DROP TRIGGER records_child_version_erased ON records_child_version;
DROP TRIGGER records_child_version_kept ON records_child_version;
{REKEYED} EXECUTE FUNCTION records_rekeyed_only();
DROP FUNCTION records_identity_kept();
DROP TRIGGER records_record_version_kept ON records_record_version;
CREATE TRIGGER records_record_version_kept BEFORE UPDATE OR DELETE ON records_record_version
    FOR EACH ROW EXECUTE FUNCTION records_refuse();
DROP FUNCTION records_version_kept();
DROP FUNCTION records_erased(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0009_privacy")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
