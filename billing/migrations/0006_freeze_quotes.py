"""A sent revision of a quote is frozen by the database, whoever asks, with its lines and evidence sheets."""

from __future__ import annotations

from django.db import migrations

# Everything but what is set once afterwards. A new column is frozen unless it is named here.
FREEZE = """
create function billing_freeze_quote_revision() returns trigger language plpgsql as $$
declare
  set_once constant text[] := array['pdf_id', 'pdf_sha256', 'seen_at', 'ended_at', 'ended_as'];
  col text;
begin
  if tg_op = 'INSERT' then
    if new.state = 'sent' then
      raise exception 'a quote is sent from a draft, not inserted as sent' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
  end if;
  if old.state <> 'sent' then
    if tg_op = 'DELETE' then
      return old;
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' or (to_jsonb(new) - set_once) is distinct from (to_jsonb(old) - set_once) then
    raise exception 'revision % of quote % is sent and cannot change', old.number, old.quote_number
      using errcode = 'integrity_constraint_violation';
  end if;
  foreach col in array set_once loop
    if to_jsonb(old) ->> col is not null and to_jsonb(new) -> col is distinct from to_jsonb(old) -> col then
      raise exception '% of revision % of quote % is set and cannot change', col, old.number, old.quote_number
        using errcode = 'integrity_constraint_violation';
    end if;
  end loop;
  return new;
end $$;

create trigger billing_freeze_quote_revision before insert or update or delete on billing_quoterevision
  for each row execute function billing_freeze_quote_revision();

-- FOR SHARE waits for a transaction that is sending the revision right now, and then sees it sent.
create function billing_refuse_if_quoted(revision uuid) returns void language plpgsql as $$
declare
  found text;
begin
  select state into found from billing_quoterevision where id = revision for share;
  if found is null or found = 'sent' then
    raise exception 'the lines of a sent quote cannot change' using errcode = 'integrity_constraint_violation';
  end if;
end $$;

create function billing_freeze_quote_line() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform billing_refuse_if_quoted(old.revision_id);
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  perform billing_refuse_if_quoted(new.revision_id);
  return new;
end $$;

create trigger billing_freeze_quote_line before insert or update or delete on billing_quoteline
  for each row execute function billing_freeze_quote_line();

create function billing_freeze_evidence() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform billing_refuse_if_quoted((select revision_id from billing_quoteline where id = old.line_id));
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  perform billing_refuse_if_quoted((select revision_id from billing_quoteline where id = new.line_id));
  return new;
end $$;

create trigger billing_freeze_evidence before insert or update or delete on billing_evidencesheet
  for each row execute function billing_freeze_evidence();
"""

THAW = """
drop trigger billing_freeze_evidence on billing_evidencesheet;
drop trigger billing_freeze_quote_line on billing_quoteline;
drop trigger billing_freeze_quote_revision on billing_quoterevision;
drop function billing_freeze_evidence();
drop function billing_freeze_quote_line();
drop function billing_refuse_if_quoted(uuid);
drop function billing_freeze_quote_revision();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_freeze_parts")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
