"""The XML is set once with the PDF; the taxes and the deposits of an issued document are frozen like its lines."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

_BEFORE = import_module("billing.migrations.0002_freeze_issued")
_FUNCTION = _BEFORE.FREEZE.split("create trigger billing_freeze_invoice")[0]
_ONCE_BEFORE = "array['pdf_id', 'pdf_sha256']"
_ONCE = "array['pdf_id', 'pdf_sha256', 'xml_id', 'xml_sha256']"
assert _ONCE_BEFORE in _FUNCTION
_REPLACE = _FUNCTION.replace("create function", "create or replace function")

FREEZE = f"""
{_REPLACE.replace(_ONCE_BEFORE, _ONCE)}

-- For rows that name their invoice: its taxes, and the deposits that it takes off.
create function billing_freeze_part() returns trigger language plpgsql as $$
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

create trigger billing_freeze_tax before insert or update or delete on billing_invoicetax
  for each row execute function billing_freeze_part();
create trigger billing_freeze_deposit before insert or update or delete on billing_deposituse
  for each row execute function billing_freeze_part();
"""

THAW = f"""
drop trigger billing_freeze_deposit on billing_deposituse;
drop trigger billing_freeze_tax on billing_invoicetax;
drop function billing_freeze_part();
{_REPLACE}
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_freeze_issued")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
