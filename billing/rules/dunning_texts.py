"""The ladder a shop begins with, in the languages that invoices are written in. The shop changes all of it."""

from __future__ import annotations

from dataclasses import dataclass

# (subject, text) by language. A reminder is a letter between people who will work together again.
_FIRST = {
    "en": (
        "Have you seen our invoice? {numbers}",
        "Hello,\n\nperhaps it was overlooked: {total} has been due since {due}. The invoices are listed below and enclosed.\n\n"
        "If you have paid in the last days, thank you, and please ignore this. If something on an invoice is unclear, "
        "press “Query this line” in the portal or answer this mail.",
    ),
    "de": (
        "Haben Sie unsere Rechnung gesehen? {numbers}",
        "Guten Tag,\n\nvielleicht wurde es übersehen: {total} sind seit {due} fällig. Die Rechnungen stehen unten und liegen bei.\n\n"
        "Wenn Sie in den letzten Tagen gezahlt haben, danke, dann ist dies erledigt. Ist etwas auf einer Rechnung unklar, "
        "fragen Sie im Portal zu der Zeile nach oder antworten Sie auf diese Mail.",
    ),
    "fr": (
        "Avez-vous vu notre facture ? {numbers}",
        "Bonjour,\n\npeut-être un oubli : {total} sont dus depuis le {due}. Les factures figurent ci-dessous et sont jointes.\n\n"
        "Si vous avez payé ces derniers jours, merci, et ne tenez pas compte de ce message. Si une ligne n'est pas claire, "
        "posez votre question dans le portail ou répondez à ce message.",
    ),
    "es": (
        "¿Ha visto nuestra factura? {numbers}",
        "Buenos días:\n\nquizás se pasó por alto: {total} está pendiente desde el {due}. Las facturas figuran abajo y van adjuntas.\n\n"
        "Si ha pagado en los últimos días, gracias, y no tenga en cuenta este mensaje. Si alguna línea no está clara, "
        "pregunte en el portal o responda a este correo.",
    ),
    "nl": (
        "Hebt u onze factuur gezien? {numbers}",
        "Goedendag,\n\nmisschien is het over het hoofd gezien: {total} had op {due} betaald moeten zijn. De facturen staan hieronder "
        "en zijn bijgevoegd.\n\nHebt u de afgelopen dagen betaald, dan dank u wel en kunt u dit bericht negeren. Is iets op een "
        "factuur onduidelijk, stel uw vraag in het portaal of antwoord op deze mail.",
    ),
}
_SECOND = {
    "en": (
        "Reminder: {total} is {days_late} days late",
        "Hello,\n\n{total} is still open, the oldest of it {days_late} days late. Please pay it in the next days, or tell us by "
        "answering this mail when you will: then we wait until that day.\n\nIf something is wrong with an invoice, say which "
        "line, and we take it out until it is cleared up.",
    ),
    "de": (
        "Erinnerung: {total} sind {days_late} Tage überfällig",
        "Guten Tag,\n\n{total} sind noch offen, davon das Älteste seit {days_late} Tagen. Bitte zahlen Sie in den nächsten Tagen, "
        "oder antworten Sie auf diese Mail, wann Sie zahlen: Dann warten wir bis zu diesem Tag.\n\nStimmt etwas auf einer "
        "Rechnung nicht, nennen Sie die Zeile; wir nehmen sie heraus, bis es geklärt ist.",
    ),
    "fr": (
        "Rappel : {total} en retard de {days_late} jours",
        "Bonjour,\n\n{total} restent ouverts, avec un retard allant jusqu'à {days_late} jours. Merci de payer ces prochains jours, ou "
        "de nous dire quand en répondant à ce message : nous attendrons ce jour.\n\nSi une facture comporte une erreur, "
        "indiquez la ligne ; nous la mettons de côté jusqu'à ce que ce soit éclairci.",
    ),
    "es": (
        "Recordatorio: {total} con {days_late} días de retraso",
        "Buenos días:\n\n{total} sigue pendiente, con hasta {days_late} días de retraso. Le rogamos que pague en los próximos días, o "
        "que nos diga cuándo respondiendo a este correo: esperaremos hasta ese día.\n\nSi hay un error en una factura, "
        "indique la línea y la apartaremos hasta aclararlo.",
    ),
    "nl": (
        "Herinnering: {total} is {days_late} dagen te laat",
        "Goedendag,\n\n{total} staat nog open, het oudste al {days_late} dagen. Betaal het de komende dagen, of laat ons weten wanneer "
        "u betaalt door deze mail te beantwoorden: dan wachten we tot die dag.\n\nKlopt er iets niet op een factuur, noem "
        "de regel; die laten we eruit tot het is opgehelderd.",
    ),
}
_LAST = {
    "en": (
        "Last reminder: {total}",
        "Hello,\n\nwe have written about this before: {total} is up to {days_late} days late. Please call us if you cannot pay it "
        "now. We would much rather find a way together than take this further.",
    ),
    "de": (
        "Letzte Erinnerung: {total}",
        "Guten Tag,\n\nwir haben schon deswegen geschrieben: {total} sind bis zu {days_late} Tage überfällig. Bitte rufen Sie an, wenn Sie "
        "jetzt nicht zahlen können. Wir finden lieber gemeinsam einen Weg, als weitere Schritte zu gehen.",
    ),
    "fr": (
        "Dernier rappel : {total}",
        "Bonjour,\n\nnous vous avons déjà écrit à ce sujet : {total} sont en retard, jusqu'à {days_late} jours. Appelez-nous si vous ne "
        "pouvez pas payer maintenant. Nous préférons trouver une solution ensemble plutôt que d'aller plus loin.",
    ),
    "es": (
        "Último recordatorio: {total}",
        "Buenos días:\n\nya le hemos escrito por este motivo: {total} tiene hasta {days_late} días de retraso. Llámenos si ahora no puede "
        "pagar. Preferimos encontrar una solución juntos antes que dar otros pasos.",
    ),
    "nl": (
        "Laatste herinnering: {total}",
        "Goedendag,\n\nwe hebben u hier eerder over geschreven: {total} is tot {days_late} dagen te laat. Bel ons als u nu niet kunt "
        "betalen. We vinden liever samen een oplossing dan verdere stappen te nemen.",
    ),
}


@dataclass(frozen=True)
class Frame:
    """What stands around a step's text: {day}, {amount} are filled in. In the language of the text, whatever the pages speak."""

    due: str
    held: str
    total: str
    fee: str
    see: str


_FRAMES = {
    "en": Frame(
        "due {day}",
        "{amount} is on hold, because you asked about it",
        "Total",
        "A fee of {amount} for this reminder is on your next invoice.",
        "See the invoices",
    ),
    "de": Frame(
        "fällig {day}",
        "{amount} sind zurückgestellt, weil Sie nachgefragt haben",
        "Summe",
        "Eine Gebühr von {amount} für diese Erinnerung steht auf Ihrer nächsten Rechnung.",
        "Rechnungen ansehen",
    ),
    "fr": Frame(
        "échéance {day}",
        "{amount} mis de côté, car vous avez posé une question",
        "Total",
        "Des frais de {amount} pour ce rappel figureront sur votre prochaine facture.",
        "Voir les factures",
    ),
    "es": Frame(
        "vence {day}",
        "{amount} queda apartado, porque ha preguntado",
        "Total",
        "Su próxima factura incluirá un cargo de {amount} por este recordatorio.",
        "Ver las facturas",
    ),
    "nl": Frame(
        "te betalen op {day}",
        "{amount} is aangehouden, omdat u ernaar vroeg",
        "Totaal",
        "Op uw volgende factuur staan {amount} kosten voor deze herinnering.",
        "Bekijk de facturen",
    ),
}


def frame_of(language: str) -> Frame:
    """The frame in a language, in its family's (de for de-at), or in English."""
    return _FRAMES.get(language) or _FRAMES.get(language.split("-", maxsplit=1)[0]) or _FRAMES["en"]


@dataclass(frozen=True)
class FirstStep:
    """A rung as a new shop gets it: no fee, until the shop says so. `days` after the day it is due."""

    name: str
    days: int
    texts: dict[str, tuple[str, str]]


def first_ladder(names: tuple[str, str, str]) -> tuple[FirstStep, ...]:
    """Three reminders, a few days, two weeks and four weeks late; `names` in the shop's language."""
    plan = ((3, _FIRST), (14, _SECOND), (28, _LAST))
    return tuple(FirstStep(name, days, texts) for name, (days, texts) in zip(names, plan, strict=True))
