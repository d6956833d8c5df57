"""The size of what may be sent to the office at once, files included."""

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

LARGEST: Final = 64 << 20
"""Bytes of a request with files."""


class Bounded(FileUploadHandler):
    """Refuses a request that says it is larger than `LARGEST`, before any of it is read, and leaves files to others."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """RequestDataTooBig for a request that is too large."""
        if content_length > LARGEST:
            raise RequestDataTooBig(f"the request has {content_length} bytes; at most {LARGEST} are read")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leave the part to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Nothing was kept here."""
