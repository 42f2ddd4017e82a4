"""Pages drawn by the project: letters, leases, forms and cheques, signed by made-up people and scanned badly.

A layout (`letters`, `leases`, `forms`, `cheques`) sets type and marks on a `sheet`; the `scanner` makes a page of it.
"""

from data.drawn_pages.page import draw_page, Page

__all__ = ["Page", "draw_page"]
