"""How Django takes uploads in: big ones onto disk, endless ones not at all."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploads(FileUploadHandler):
    """Stands before Django's own handlers and refuses a request whose files cannot all be meant, before one is read.

    Django bounds the fields of a form and never its files, so a sender could fill the disk with what no view has looked at.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any) -> None:  # noqa: N803
        """Raises RequestDataTooBig, which is answered with 400."""
        if content_length > settings.UPLOAD_LIMIT:
            raise RequestDataTooBig(f"{content_length} bytes are more than {settings.UPLOAD_LIMIT}")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
