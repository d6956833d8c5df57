"""SDMX-REST 2: structures, data and availability of the released figures, as statistical software asks for them.

Source: SDMX 3.0 (ISO 17369), REST API 2, SDMX-CSV 2.0, SDMX-JSON 2.0, SDMX-ML 3.0.
"""
