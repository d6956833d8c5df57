"""Make the font of the bulletins: Noto Sans SC (SIL Open Font License 1.1), as the typesetter can read it.

The package @fontsource/noto-sans-sc has it as WOFF2; fetch it with npm, and give the file of the slice
`chinese-simplified`, weight 400:

    npm pack @fontsource/noto-sans-sc && tar xzf fontsource-noto-sans-sc-*.tgz
    python scripts/make_font.py package/files/noto-sans-sc-chinese-simplified-400-normal.woff2

It needs fonttools and brotli, which nothing else here does. The package's LICENSE goes beside the font as OFL.txt.
"""

import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "ellwand" / "web" / "site" / "type" / "NotoSansSC-Regular.ttf"


def main(source: str) -> None:
    """Write the font without compression, with the times that it has, so that equal sources give equal bytes."""
    from fontTools.ttLib import TTFont

    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    font.save(TARGET)
    print(f"{TARGET}: {len(font.getBestCmap())} signs")


if __name__ == "__main__":
    main(sys.argv[1])
