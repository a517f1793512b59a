"""Which pages are measured. Every app's hot ones, with addresses spread over the whole shop."""

from __future__ import annotations

from billing.models import Invoice
from tests.bench.drive import Page
from tests.bench.shop import Grown


def pages(shop: Grown) -> list[Page]:
    """The pages to visit in a shop of this size."""
    step = max(1, shop.tickets // 97)
    tickets = tuple(f"/tickets/{number}/" for number in range(1, shop.tickets + 1, step))
    clients = tuple(slug for _id, slug, _name, _contact in shop.clients[:: max(1, len(shop.clients) // 41)])
    invoices = Invoice.unscoped.using("owner").filter(tenant=shop.tenant_id).order_by("id").values_list("pk", flat=True)
    some = [str(pk) for pk in invoices[:: max(1, shop.invoices // 41)]]
    return [
        Page("empty Django view", ("/bench/empty",), who="nobody"),
        Page("empty view behind the walls", ("/bench/inside",)),
        Page("ticket list: mine", ("/tickets/",)),
        Page("ticket list: team", ("/tickets/?view=team",)),
        Page("ticket list: all", ("/tickets/?view=all",)),
        Page("ticket list: solved", ("/tickets/?view=solved",)),
        Page("ticket list: search", ("/tickets/?q=printer+offline", "/tickets/?q=laptop")),
        Page("ticket page", tickets),
        Page("client list", ("/clients/",)),
        Page("client page", tuple(f"/clients/{slug}/" for slug in clients)),
        Page("its tickets", tuple(f"/tickets/of/{slug}/" for slug in clients)),
        Page("its billing", tuple(f"/billing/clients/{slug}/panel/" for slug in clients)),
        Page("Today", ("/today/",)),
        Page("search: a word", ("/search/?q=printer", "/search/?q=orchard", "/search/?q=mailb")),
        Page("search: two words", ("/search/?q=printer+offline", "/search/?q=harbour+laptop")),
        Page("search: a number", tuple(f"/search/?q={number}" for number in range(1, shop.tickets + 1, step))),
        Page("palette", ("/search/palette?q=pri", "/search/palette?q=orchard+lap")),
        Page("promises", ("/promises/",)),
        Page("promises: broken", ("/promises/?state=broken",)),
        *_billing(clients, some),
        Page("portal: home", ("/portal/",), who="portal"),
        Page("portal: requests", ("/portal/requests/",), who="portal"),
        Page("portal: invoices", ("/portal/invoices/",), who="portal"),
    ]


def _billing(clients: tuple[str, ...], invoices: list[str]) -> list[Page]:
    return [
        Page("unbilled work", ("/billing/unbilled/",)),
        Page("invoice review", ("/billing/review/",)),
        Page("invoice list", ("/billing/invoices/",)),
        Page("payments", ("/billing/payments/",)),
        Page("overdue", ("/billing/overdue/",)),
        Page("statements", ("/billing/statements/",)),
        Page("a statement", tuple(f"/billing/statements/{slug}/" for slug in clients)),
        Page("ledger", ("/billing/ledger/",)),
        Page("queries about lines", ("/billing/queries/",)),
        Page("reminders", ("/billing/reminders/",)),
        Page("invoice page", tuple(f"/billing/invoices/{pk}/" for pk in invoices)),
    ]
