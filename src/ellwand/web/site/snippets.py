"""Code that reads a series into Python, R and Excel, pinned to a vintage; each stands alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Snippet:
    """Code for a program. language : of the code."""

    name: str
    language: str
    text: str


def snippets(base: str, code: str, vintage: str) -> list[Snippet]:
    """Code for each program. base : the site's address, with a slash at its end."""
    address = f"{base}api/v1/observations?series={code}&vintage={vintage}"
    table = f"{base}index/{code}.csv?vintage={vintage}"
    return [
        Snippet(
            "Python",
            "python",
            "import json\nfrom urllib.request import urlopen\n\n"
            f'with urlopen("{address}") as answer:\n    rows = json.load(answer)["data"]\n'
            "for row in rows[-5:]:\n"
            '    print(row["period"], row["value"], row["change_previous"], row["grade"])',
        ),
        Snippet(
            "pandas",
            "python",
            f'import pandas as pd\n\nframe = pd.read_csv("{table}", index_col="period")\n'
            'print(frame[["value", "change_previous", "grade"]].tail())',
        ),
        Snippet(
            "R",
            "r",
            f'rows <- read.csv("{table}")\ntail(rows[, c("period", "value", "change_previous", "grade")])',
        ),
        Snippet(
            "Excel",
            "powerquery",
            f'let\n  Source = Json.Document(Web.Contents("{address}")),\n'
            "  Rows = Table.FromRecords(Source[data]),\n"
            '  Kept = Table.SelectColumns(Rows, {"period", "value", "change_previous", "grade"}),\n'
            '  Numbers = {{"value", type number}, {"change_previous", type number}},\n'
            # Figures have a decimal point, whatever the country of the reader's Excel.
            '  Typed = Table.TransformColumnTypes(Kept, Numbers, "en-US")\nin\n  Typed',
        ),
    ]
