"""Shows form fields of PDF pages that belong to no form, as on pages that a tool cut out of a signed document.

Other viewers draw such fields, including signatures. PDFium draws only the fields of a form.
"""

import ctypes

import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw

_STAMP = "Stamp".encode("utf-16-le") + b"\0\0"


def show_loose_fields(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> bool:
    """Turns form fields into stamps in memory if the document has no form, so that PDFium draws them.

    Args:
      document: an open document.
      page: one of its pages. Load it again to draw the fields.

    Returns:
      Whether the page has such fields.
    """
    if document.get_formtype() != raw.FORMTYPE_NONE:
        return False
    found = False
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET:
            text = ctypes.cast(ctypes.create_string_buffer(_STAMP), raw.FPDF_WIDESTRING)
            found = bool(raw.FPDFAnnot_SetStringValue(annotation, b"Subtype", text)) or found
        raw.FPDFPage_CloseAnnot(annotation)
    return found
