"""Finding things by the words a person typed.

Every step is bounded, so that a common word in a shop of 100,000 tickets costs what a rare one does. SQL, because the skip over
distinct words (a recursive index walk) cannot be said in the ORM; the shop stands in each statement as well as in the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django_stubs_ext import StrOrPromise

from msp.accounts.registry import Hit
from msp.tenancy.context import current_scope
from msp.tenancy.scope import Audience, ClosedToPortal

from .choices import Weight
from .rules import after, words_of

WORDS = 6  # of a question; the rest is left aside
VARIANTS = 24  # words that begin with the last one typed
LOOKED_AT = 800  # best rows of the rarest word that are compared with the other words

# The words beginning with the one typed, found by hopping over the index; then the best rows of each.
_BY_PREFIX = """
with recursive variant(token) as (
  (select token from search_token where tenant_id = %(tenant)s and kind = %(kind)s
     and token >= %(prefix)s and token < %(end)s order by token limit 1)
  union all
  select (select t.token from search_token t where t.tenant_id = %(tenant)s and t.kind = %(kind)s
            and t.token > variant.token and t.token < %(end)s order by t.token limit 1)
    from variant where variant.token is not null
), best as (
  select hit.found_id, max(hit.weight) as weight, bool_or(word.token = %(prefix)s) as exact, max(hit.at) as at
    from (select token from variant where token is not null limit %(variants)s) word
    cross join lateral (select found_id, weight, at from search_token t
       where t.tenant_id = %(tenant)s and t.kind = %(kind)s and t.token = word.token
       order by weight desc, at desc limit %(limit)s) hit
   group by hit.found_id order by exact desc, weight desc, at desc limit %(limit)s
)
select f.label, f.hint, f.url, f.subject_id from best join search_found f on f.tenant_id = %(tenant)s and f.id = best.found_id
 order by best.exact desc, best.weight desc, best.at desc"""

_HOW_MANY = """
select asked.token, (select count(*) from (select 1 from search_token t where t.tenant_id = %(tenant)s and t.kind = %(kind)s
   and t.token = asked.token limit %(looked_at)s) counted) from unnest(%(words)s::text[]) asked(token)"""

_ALL_WORDS = """
with best as (
  select found_id, weight, at from search_token t where t.tenant_id = %(tenant)s and t.kind = %(kind)s
     and t.token = %(rarest)s order by weight desc, at desc limit %(looked_at)s
)
select f.label, f.hint, f.url, f.subject_id from best join search_found f on f.tenant_id = %(tenant)s and f.id = best.found_id
 where exists (select 1 from search_token t where t.tenant_id = %(tenant)s and t.found_id = best.found_id
                  and t.token >= %(prefix)s and t.token < %(end)s)
   and (select count(*) from search_token t where t.tenant_id = %(tenant)s and t.found_id = best.found_id
           and t.token = any(%(others)s)) = %(others_count)s
 order by best.weight desc, best.at desc limit %(limit)s"""


def find(phrase: str, *, kind: str, called: StrOrPromise, limit: int) -> list[Hit]:
    """At most `limit` things of `kind` that have every word of `phrase`, the last one possibly cut short; best first.

    `called` is the kind's name for people. Raises ClosedToPortal for a client's contact. One query, two for several words.
    """
    return [Hit(label, hint, url, called) for label, hint, url, _id in _matches(phrase, kind, limit)]


def find_ids(phrase: str, *, kind: str, limit: int) -> list[UUID]:
    """The ids of what `find` would find, to narrow a list."""
    return [subject_id for *_words, subject_id in _matches(phrase, kind, limit)]


def _matches(phrase: str, kind: str, limit: int) -> list[tuple[str, str, str, UUID]]:
    scope = current_scope()
    if scope.audience is Audience.PORTAL:
        raise ClosedToPortal("search is closed to the portal")
    words = list(dict.fromkeys(words_of(phrase)))[:WORDS]
    if not words:
        return []
    *whole, prefix = words
    known: dict[str, Any] = {
        "tenant": scope.tenant_id,
        "kind": kind,
        "prefix": prefix,
        "end": after(prefix),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        if whole:
            rarest = _rarest(whole, known)
            others = [word for word in whole if word != rarest]
            asked = {"rarest": rarest, "others": others, "others_count": len(others), "looked_at": LOOKED_AT}
            cursor.execute(_ALL_WORDS, known | asked)
        else:
            cursor.execute(_BY_PREFIX, known | {"variants": VARIANTS})
        rows: list[tuple[str, str, str, UUID]] = cursor.fetchall()
    return rows


def _rarest(words: Sequence[str], known: dict[str, Any]) -> str:
    """The word with the fewest rows, so that few are compared."""
    if len(words) == 1:
        return words[0]
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY, known | {"words": list(words), "looked_at": LOOKED_AT})
        return str(min(cursor.fetchall(), key=lambda row: row[1])[0])


_SPREAD = """
select asked.token, (select count(distinct f.client_id) from (select found_id from search_token t where t.tenant_id = %(tenant)s
     and t.kind = %(kind)s and t.token = asked.token and t.weight = %(weight)s order by at desc limit %(looked_at)s) used
   join search_found f on f.tenant_id = %(tenant)s and f.id = used.found_id) from unnest(%(words)s::text[]) asked(token)"""


def spread(words: Sequence[str], *, kind: str) -> dict[str, int]:
    """Word -> how many different clients' things of `kind` use it in their texts, of the latest LOOKED_AT. One query, or none.

    What many clients say is a common word in this shop, whatever its language.
    """
    if not words:
        return {}
    known: dict[str, Any] = {
        "tenant": current_scope().tenant_id,
        "kind": kind,
        "weight": Weight.TEXT.value,
        "looked_at": LOOKED_AT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD, known | {"words": list(words)})
        return dict(cursor.fetchall())
