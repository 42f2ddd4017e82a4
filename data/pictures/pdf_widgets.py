"""Form fields of a PDF page that no form lists, as pages have them that were cut out of a document, or put into one.

Other viewers draw what such a field looks like, among them signed signatures. PDFium draws fields of a form only.
"""

import ctypes

import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw

_DRAWN = "Stamp".encode("utf-16-le") + b"\0\0"


def show_loose_fields(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> bool:
    """Makes PDFium take fields for stamps, where the document has no form; the file stays as it is.

    Args:
      document: open.
      page: of it. The fields are drawn once it is loaded anew.

    Returns:
      Whether there are such fields.
    """
    if document.get_formtype() != raw.FORMTYPE_NONE:
        return False
    found = False
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET:
            text = ctypes.cast(ctypes.create_string_buffer(_DRAWN), raw.FPDF_WIDESTRING)
            found = bool(raw.FPDFAnnot_SetStringValue(annotation, b"Subtype", text)) or found
        raw.FPDFPage_CloseAnnot(annotation)
    return found
