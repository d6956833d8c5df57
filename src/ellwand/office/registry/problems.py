"""What is wrong with a row of a file that somebody wants to take in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A row that was not taken in. row : counted from 1 without the header, 0 for the file. said : rule and remedy."""

    file: str
    row: int
    field: str
    said: str

    def __str__(self) -> str:
        """As one line."""
        place = self.file + (f" row {self.row}" if self.row else "") + (f", field {self.field}" if self.field else "")
        return f"{place}: {self.said}"
