from django.db import migrations

BEFORE = """
CREATE OR REPLACE FUNCTION invoicing_stays_as_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - ARRAY['buyer_name', 'buyer_address']
        = to_jsonb(OLD) - ARRAY['buyer_name', 'buyer_address'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was issued is corrected by a credit note only'
        USING ERRCODE = 'restrict_violation';
END $$;
"""
# Who sold may be erased as well, once they closed and the years that tax law wants are over; put another in, never.
AFTER = """
CREATE OR REPLACE FUNCTION invoicing_stays_as_issued() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    people text[] := ARRAY['buyer_name', 'buyer_address'];
BEGIN
    IF to_jsonb(NEW) -> 'seller' = '{"name": "(erased)"}' AND to_jsonb(NEW) -> 'pay_to' = '{}' THEN
        people := people || ARRAY['seller', 'pay_to'];
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - people = to_jsonb(OLD) - people THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was issued is corrected by a credit note only'
        USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0006_export_due")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
