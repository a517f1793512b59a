"""Codes that a banking app reads: EPC for transfers in euro, the Swiss QR-bill for accounts in Switzerland and Liechtenstein."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO, StringIO

import segno
from qrbill.bill import QRBill
from segno.helpers import make_epc_qr
from stdnum import iban as ibans
from stdnum.ch import esr

from billing.models import Invoice

SWISS = ("CH", "LI")
_MOST = Decimal("999999999.99")
_QR_BANKS = range(30_000, 32_000)  # a Swiss account at such a "bank" takes transfers by its own reference only
_FONTS = "Arial, Helvetica, Liberation Sans, Geist"  # the standard's, and ours where a machine has none of them
_LANGUAGES = ("de", "fr", "it")


def asks_for_money(invoice: Invoice) -> bool:
    """Whether somebody is to pay it by transfer to an account that is one."""
    wanted = invoice.is_owed and not invoice.is_credit and 0 < invoice.payable <= _MOST
    return wanted and bool(ibans.is_valid(invoice.seller.iban))


def epc_code(invoice: Invoice) -> bytes | None:
    """The EPC code ("GiroCode") as SVG; None where there is no such standard."""
    if invoice.currency != "EUR" or not asks_for_money(invoice) or is_swiss(invoice):
        return None
    seller = invoice.seller
    name = (seller.account_name or invoice.seller_name)[:70]
    try:
        code = make_epc_qr(name, seller.iban, invoice.payable, text=invoice.number, bic=seller.bic or None)
    except ValueError:  # a name or an account that the standard has no place for: no code rather than a wrong one
        return None
    return _svg(code)


def is_swiss(invoice: Invoice) -> bool:
    return invoice.seller.iban[:2] in SWISS


def swiss_slip(invoice: Invoice) -> bytes | None:
    """Payment part and receipt of the Swiss QR-bill as SVG, 210 by 105 mm; None where it cannot be made."""
    seller = invoice.seller
    if invoice.currency not in ("CHF", "EUR") or not asks_for_money(invoice) or not is_swiss(invoice):
        return None
    if not (seller.postcode and seller.city):
        return None
    name = (seller.account_name or invoice.seller_name)[:70]
    creditor = {"name": name, "pcode": seller.postcode, "city": seller.city, "country": seller.country}
    try:
        bill = QRBill(
            account=seller.iban,
            creditor=creditor | ({"street": seller.street[:70]} if seller.street else {}),
            amount=str(invoice.payable.quantize(Decimal("0.01"))),
            currency=invoice.currency,
            reference_number=_reference(invoice),
            additional_information=str(invoice.number),
            language=invoice.language if invoice.language in _LANGUAGES else "en",
        )
    except ValueError:
        return None
    bill.font_family = _FONTS
    out = StringIO()
    bill.as_svg(out)
    return out.getvalue().encode()


def _reference(invoice: Invoice) -> str | None:
    """The reference that a QR account asks for, from the number's digits."""
    bank = invoice.seller.iban[4:9]
    if not bank.isdecimal() or int(bank) not in _QR_BANKS:
        return None
    digits = "".join(letter for letter in str(invoice.number) if letter.isdecimal())[-26:].zfill(26)
    return f"{digits}{esr.calc_check_digit(digits)}"


def _svg(code: segno.QRCode) -> bytes:
    out = BytesIO()
    code.save(out, kind="svg", xmldecl=False, border=2)
    return out.getvalue()
