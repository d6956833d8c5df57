"""The index office: the system of record, from collection to the sealed release."""
