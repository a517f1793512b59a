"""Everything that writes in billing. One module a subject."""

from __future__ import annotations

from .agreeing import (
    accept_agreement,
    activate_agreement,
    add_version,
    change_agreement,
    create_agreement,
    end_agreement,
    index_prices,
    put_ticket_under,
    renew_agreement,
    take_ticket_out,
)
from .agreement_templates import archive_template, keep_template
from .allocating import put_against, take_off, use_credit
from .answering import Answerer, accept_quote, decline_quote, see_quote
from .approving import approve_invoice, recall_invoice, retry_release
from .banking import confirm_line, ignore_line, import_statement, reopen_line, save_bank_account
from .blocks import add_block, adjust_block, close_block
from .card_events import take_card_event
from .cards import ask_for_checkout, new_hook_address, set_up_cards
from .charging import add_milestone, bill_block, count_items, draft_period, reach_milestone
from .charting import save_chart
from .consenting import answer_question, ask_client, keep_approval
from .correcting import correct_time
from .costing import set_cost_rate, set_overhead
from .covering import cover_work, uncover_work
from .crediting import credit_invoice, debit_invoice
from .depositing import bill_proforma, deduct_deposit
from .dispatching import dispatch_invoice
from .drafting import discard_draft, draft_invoice, start_draft
from .dunning import arm_reminders, remind_client
from .easing import (
    end_pay_promise,
    note_pay_promise,
    pause_reminders,
    resume_reminders,
    skip_step,
    waive_fee,
)
from .fees import add_extras, add_fees
from .issuing import issue_invoice
from .ladder import add_step, archive_step, change_care_settings, change_step, save_text
from .ledger import close_books
from .lines import add_line, edit_draft, edit_line, remove_line
from .loyalty import add_rule, archive_rule, change_rule, give_gift
from .parts import add_part, approve_part, change_part, remove_part
from .payments import record_on_account, record_payment, void_payment
from .printing import say_printed, start_print
from .querying import answer_query, ask_about_line, clear_query, credit_query, withdraw_query
from .quote_agreeing import agree_on_quote
from .quote_approvals import approve_quote, ask_for_approval, call_quote_back, send_quote_back
from .quote_billing import bill_quote
from .quote_lines import add_quote_line, edit_quote_line, move_quote_line, remove_quote_line, save_evidence
from .quote_sending import send_quote
from .quoting import change_quote_settings, edit_quote, revise_quote, start_quote, withdraw_quote
from .refunds import refund
from .runs import start_run
from .settings import change_client_terms, change_settings, start_numbers_at
from .stating import ask_for_statement
from .tax import retax_draft
from .taxes import add_tax_rate, remove_tax_rate
from .writing_off import take_back_write_off, write_off

__all__ = [
    "Answerer",
    "accept_agreement",
    "accept_quote",
    "activate_agreement",
    "add_block",
    "add_extras",
    "add_fees",
    "add_line",
    "add_milestone",
    "add_part",
    "add_quote_line",
    "add_rule",
    "add_step",
    "add_tax_rate",
    "add_version",
    "adjust_block",
    "agree_on_quote",
    "answer_query",
    "answer_question",
    "approve_invoice",
    "approve_part",
    "approve_quote",
    "archive_rule",
    "archive_step",
    "archive_template",
    "arm_reminders",
    "ask_about_line",
    "ask_client",
    "ask_for_approval",
    "ask_for_checkout",
    "ask_for_statement",
    "bill_block",
    "bill_proforma",
    "bill_quote",
    "call_quote_back",
    "change_agreement",
    "change_care_settings",
    "change_client_terms",
    "change_part",
    "change_quote_settings",
    "change_rule",
    "change_settings",
    "change_step",
    "clear_query",
    "close_block",
    "close_books",
    "confirm_line",
    "correct_time",
    "count_items",
    "cover_work",
    "create_agreement",
    "credit_invoice",
    "credit_query",
    "debit_invoice",
    "decline_quote",
    "deduct_deposit",
    "discard_draft",
    "dispatch_invoice",
    "draft_invoice",
    "draft_period",
    "edit_draft",
    "edit_line",
    "edit_quote",
    "edit_quote_line",
    "end_agreement",
    "end_pay_promise",
    "give_gift",
    "ignore_line",
    "import_statement",
    "index_prices",
    "issue_invoice",
    "keep_approval",
    "keep_template",
    "move_quote_line",
    "new_hook_address",
    "note_pay_promise",
    "pause_reminders",
    "put_against",
    "put_ticket_under",
    "reach_milestone",
    "recall_invoice",
    "record_on_account",
    "record_payment",
    "refund",
    "remind_client",
    "remove_line",
    "remove_part",
    "remove_quote_line",
    "remove_tax_rate",
    "renew_agreement",
    "reopen_line",
    "resume_reminders",
    "retax_draft",
    "retry_release",
    "revise_quote",
    "save_bank_account",
    "save_chart",
    "save_evidence",
    "save_text",
    "say_printed",
    "see_quote",
    "send_quote",
    "send_quote_back",
    "set_cost_rate",
    "set_overhead",
    "set_up_cards",
    "skip_step",
    "start_draft",
    "start_numbers_at",
    "start_print",
    "start_quote",
    "start_run",
    "take_back_write_off",
    "take_card_event",
    "take_off",
    "take_ticket_out",
    "uncover_work",
    "use_credit",
    "void_payment",
    "waive_fee",
    "withdraw_query",
    "withdraw_quote",
    "write_off",
]
