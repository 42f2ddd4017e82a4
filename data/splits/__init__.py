"""Which pages may stand apart, training from validation: documents, splits that a user made, splits made here."""
