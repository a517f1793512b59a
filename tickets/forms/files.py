"""Files that people choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

LONGEST_NAME = 400  # characters; kept shorter, see msp.files.rules.safe_name


class FilesInput(forms.FileInput):
    """A file box that takes several."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"multiple": True} | (attrs or {}))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return files.getlist(name) if hasattr(files, "getlist") else []


class FilesField(forms.FileField):
    """Any number of files, empty ones left aside. How many and how large they may be is asked when they are kept."""

    widget = FilesInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Files"))
        super().__init__(required=False, max_length=LONGEST_NAME, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        found: Sequence[Any] = data if isinstance(data, list | tuple) else [data] if data else []
        return [kept for each in found if (kept := super(FilesField, self).clean(each, initial)) and kept.size]
