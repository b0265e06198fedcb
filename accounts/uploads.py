from django.core.files.uploadhandler import FileUploadHandler

from accounts.photos import BYTES_LIMIT


class CappedUploadHandler(FileUploadHandler):
    """Passes on no more of a file than shows that it is too large; the rest is read and dropped.

    So the form can still say what is wrong, and nobody fills the disk.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= BYTES_LIMIT else None

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one keep the file."""
