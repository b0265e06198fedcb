from django.core.files.uploadhandler import FileUploadHandler

from accounts.photos import BYTES_LIMIT


class CappedUploadHandler(FileUploadHandler):
    """Stores no more of an upload than shows that it is too large; the rest is read and dropped.

    So the form can still report the error, and no upload fills the disk.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= BYTES_LIMIT else None

    def file_complete(self, file_size: int) -> None:
        """Return None, so that a later handler keeps the file."""
