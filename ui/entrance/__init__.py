"""The pages before the records: the first start, and unlocking."""
