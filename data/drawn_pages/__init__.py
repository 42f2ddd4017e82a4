"""Draws pages: letters, leases, forms and cheques with synthetic signatures and the defects of scans.

A layout (`letters`, `leases`, `forms`, `cheques`) puts type and marks on a `sheet`, and the `scanner` turns the sheet
into a page.
"""

from data.drawn_pages.page import draw_page, Page

__all__ = ["Page", "draw_page"]
