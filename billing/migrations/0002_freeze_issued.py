"""An issued invoice is frozen by the database, whoever asks: see docs/decisions/ on freezing."""

from __future__ import annotations

from django.db import migrations

# Everything but what a worker sets once, after the number was given. A new column is frozen unless it is named here.
FREEZE = """
create function billing_freeze_invoice() returns trigger language plpgsql as $$
declare
  set_once constant text[] := array['pdf_id', 'pdf_sha256'];
  col text;
begin
  if tg_op = 'INSERT' then
    if new.status = 'issued' then
      raise exception 'an invoice is issued from a draft, not inserted as issued' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
  end if;
  if old.status <> 'issued' then
    if tg_op = 'DELETE' then
      raise exception 'invoices are discarded, not deleted' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' or (to_jsonb(new) - set_once) is distinct from (to_jsonb(old) - set_once) then
    raise exception 'invoice % is issued and cannot change', old.number using errcode = 'integrity_constraint_violation';
  end if;
  foreach col in array set_once loop
    if to_jsonb(old) ->> col is not null and to_jsonb(new) -> col is distinct from to_jsonb(old) -> col then
      raise exception '% of invoice % is set and cannot change', col, old.number using errcode = 'integrity_constraint_violation';
    end if;
  end loop;
  return new;
end $$;

create trigger billing_freeze_invoice before insert or update or delete on billing_invoice
  for each row execute function billing_freeze_invoice();

-- FOR SHARE waits for a transaction that is issuing the invoice right now, and then sees it issued.
create function billing_refuse_if_issued(invoice uuid) returns void language plpgsql as $$
declare
  state text;
begin
  select status into state from billing_invoice where id = invoice for share;
  if state is null or state = 'issued' then
    raise exception 'the lines of an issued invoice cannot change' using errcode = 'integrity_constraint_violation';
  end if;
end $$;

create function billing_freeze_line() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform billing_refuse_if_issued(old.invoice_id);
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  perform billing_refuse_if_issued(new.invoice_id);
  return new;
end $$;

create trigger billing_freeze_line before insert or update or delete on billing_invoiceline
  for each row execute function billing_freeze_line();

create function billing_freeze_line_time() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform billing_refuse_if_issued((select invoice_id from billing_invoiceline where id = old.line_id));
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  perform billing_refuse_if_issued((select invoice_id from billing_invoiceline where id = new.line_id));
  return new;
end $$;

create trigger billing_freeze_line_time before insert or update or delete on billing_linetime
  for each row execute function billing_freeze_line_time();
"""

THAW = """
drop trigger billing_freeze_line_time on billing_linetime;
drop trigger billing_freeze_line on billing_invoiceline;
drop trigger billing_freeze_invoice on billing_invoice;
drop function billing_freeze_line_time();
drop function billing_freeze_line();
drop function billing_refuse_if_issued(uuid);
drop function billing_freeze_invoice();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
