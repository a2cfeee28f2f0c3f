from django.db import migrations

STAYS = """
CREATE OR REPLACE FUNCTION accounts_auditentry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND NOT EXISTS (SELECT FROM accounts_auditentry) THEN
        RETURN NULL;
    END IF;
    {but}
    RAISE EXCEPTION 'entries of the audit are only ever added' USING ERRCODE = 'restrict_violation';
END $$
"""
# Here, beside `closed_for_good.py`. Of a business that is closed and erased, what was changed when stays, and what it was called goes.
BUT = """
    IF TG_OP = 'UPDATE' THEN
        IF NEW.about = '' AND NEW.detail = ''
            AND to_jsonb(NEW) - 'about' - 'detail' = to_jsonb(OLD) - 'about' - 'detail'
            AND EXISTS (SELECT FROM accounts_tradie t
                WHERE t.id = OLD.tradie_id AND t.closed_at IS NOT NULL AND t.business_name = '(erased)')
        THEN
            RETURN NEW;
        END IF;
    END IF;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0011_receipt_given_back"), ("accounts", "0029_for_assistants")]

    operations = [migrations.RunSQL(STAYS.format(but=BUT), STAYS.format(but=""))]
