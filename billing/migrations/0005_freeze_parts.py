"""A part on an issued invoice stays on it, as the time does (0002)."""

from __future__ import annotations

from django.db import migrations

FREEZE = """
create function billing_freeze_ticket_part() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.line_id is not null then
    perform billing_refuse_if_issued((select invoice_id from billing_invoiceline where id = old.line_id));
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  if new.line_id is not null then
    perform billing_refuse_if_issued((select invoice_id from billing_invoiceline where id = new.line_id));
  end if;
  return new;
end $$;

create trigger billing_freeze_ticket_part before insert or update or delete on billing_part
  for each row execute function billing_freeze_ticket_part();
"""

THAW = """
drop trigger billing_freeze_ticket_part on billing_part;
drop function billing_freeze_ticket_part();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_balanced_ledger")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
