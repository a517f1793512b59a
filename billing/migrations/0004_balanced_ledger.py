"""The ledger always balances, whoever asks: see docs/decisions/ on the ledger."""

from __future__ import annotations

from django.db import migrations

BALANCE = """
-- Runs at the commit, when the scope that wrote the lines may have ended and its policies would hide them. So it says the shop
-- itself, as the app role may, and puts the scope back; an entry that it cannot see is refused.
create function billing_check_entry(shop bigint, checked uuid) returns void language plpgsql as $$
declare
  was_tenant constant text := coalesce(current_setting('app.tenant_id', true), '');
  was_audience constant text := coalesce(current_setting('app.audience', true), '');
  was_client constant text := coalesce(current_setting('app.client_id', true), '');
  said integer;
  found_lines integer;
  odd integer;
  rest numeric;
begin
  perform set_config('app.tenant_id', shop::text, true), set_config('app.audience', 'system', true), set_config('app.client_id', '', true);
  select e.lines, count(l.id), count(l.id) filter (where (l.currency, l.booked_on, l.client_id) is distinct from (e.currency, e.booked_on, e.client_id)), coalesce(sum(l.amount), 0)
    into said, found_lines, odd, rest
    from billing_journalentry e left join billing_journalline l on l.tenant_id = e.tenant_id and l.entry_id = e.id
    where e.tenant_id = shop and e.id = checked
    group by e.id, e.lines;
  perform set_config('app.tenant_id', was_tenant, true), set_config('app.audience', was_audience, true), set_config('app.client_id', was_client, true);
  if said is null then
    raise exception 'ledger entry % cannot be checked', checked using errcode = 'integrity_constraint_violation';
  end if;
  if rest <> 0 then
    raise exception 'ledger entry % does not balance: % too much', checked, rest using errcode = 'integrity_constraint_violation';
  end if;
  if found_lines = 0 or found_lines <> said then
    raise exception 'ledger entry % has % lines and says %', checked, found_lines, said using errcode = 'integrity_constraint_violation';
  end if;
  if odd > 0 then
    raise exception 'lines of ledger entry % are of another currency, day or client', checked using errcode = 'integrity_constraint_violation';
  end if;
end $$;

create function billing_entry_balances() returns trigger language plpgsql as $$
begin
  perform billing_check_entry(new.tenant_id, new.id);
  return null;
end $$;

create function billing_line_balances() returns trigger language plpgsql as $$
begin
  perform billing_check_entry(new.tenant_id, new.entry_id);
  return null;
end $$;

create constraint trigger billing_entry_balances after insert on billing_journalentry
  deferrable initially deferred for each row execute function billing_entry_balances();
create constraint trigger billing_line_balances after insert on billing_journalline
  deferrable initially deferred for each row execute function billing_line_balances();

-- Append-only for everybody: the app role has no right to change them, this holds the owner, too.
create function billing_ledger_stays() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is only added to' using errcode = 'integrity_constraint_violation';
end $$;

create trigger billing_entry_stays before update or delete on billing_journalentry
  for each row execute function billing_ledger_stays();
create trigger billing_line_stays before update or delete on billing_journalline
  for each row execute function billing_ledger_stays();

-- FOR SHARE waits for somebody who is closing the books right now, and then sees them closed.
create function billing_books_open() returns trigger language plpgsql as $$
declare
  closed date;
begin
  select closed_through into closed from billing_books where tenant_id = new.tenant_id for share;
  if closed is not null and new.booked_on <= closed then
    raise exception 'the books are closed through %', closed using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create trigger billing_books_open before insert on billing_journalentry
  for each row execute function billing_books_open();
"""

LOOSE = """
drop trigger billing_books_open on billing_journalentry;
drop trigger billing_line_stays on billing_journalline;
drop trigger billing_entry_stays on billing_journalentry;
drop trigger billing_line_balances on billing_journalline;
drop trigger billing_entry_balances on billing_journalentry;
drop function billing_books_open();
drop function billing_ledger_stays();
drop function billing_line_balances();
drop function billing_entry_balances();
drop function billing_check_entry(bigint, uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_freeze_documents")]
    operations = [migrations.RunSQL(BALANCE, LOOSE)]
