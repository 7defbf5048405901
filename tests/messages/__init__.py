"""ISO 20022 messages, against the schemas of the catalogue where they are at hand."""
