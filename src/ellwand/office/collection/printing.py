"""What the office prints for units: price sheets, and links with a square to scan."""

import io
import re
import zipfile
from collections.abc import Iterable

from ellwand.office.collection import due
from ellwand.office.collection.template import template_xlsx
from ellwand.office.registry.models import Market, Unit
from ellwand.office.rounds.models import Round

MADE = (2000, 1, 1, 0, 0, 0)
"""Instant of the files in an archive: equal contents give equal bytes."""


def sheet(found: Round, unit: Unit, language: str) -> bytes:
    """The price sheet of a unit for a round. ValueError for a unit that owes nothing."""
    return _sheet(found, unit, due.of_unit(found, unit), language)


def sheets(found: Round, units: Iterable[Unit], language: str) -> bytes:
    """The price sheets of units in one ZIP; units that owe nothing have none. ValueError where none has one."""
    chosen = list(units)
    rows = due.of_units(found, [u.pk for u in chosen])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for unit in chosen:
            if rows[unit.pk]:
                info = zipfile.ZipInfo(f"{file_name(found, unit)}.xlsx", MADE)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, _sheet(found, unit, rows[unit.pk], language))
        if not archive.namelist():
            raise ValueError(f"round {found.code}: none of these units owes a quote; there is no sheet to print")
    return out.getvalue()


def file_name(found: Round, unit: Unit) -> str:
    """The name of a unit's sheet, without its ending."""
    return re.sub(r"[^0-9A-Za-z._-]", "_", f"{found.period}-{unit.code}")


def _sheet(found: Round, unit: Unit, rows: list[due.Due], language: str) -> bytes:
    items = [
        (
            d.item.code,
            {**due.entry_of(d.item), "last_price": d.last.price if d.last else None, "show_last_price": d.shown},
        )
        for d in rows
    ]
    names = {"name_zh": unit.name_zh, "name_en": unit.name_en}
    currency = Market.objects.get().currency
    return template_xlsx(
        unit.code, names, items, found.period, language="en" if language == "en" else "zh", currency=currency
    )


def square(address: str) -> str:
    """A QR code of an address as the data of an SVG picture."""
    import base64

    import qrcode
    from qrcode.image.svg import SvgPathImage

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2, image_factory=SvgPathImage)
    code.add_data(address)
    out = io.BytesIO()
    code.make_image().save(out)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
