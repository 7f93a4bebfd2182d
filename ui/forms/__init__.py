"""Forms about passphrases and keys, as the entrance and the settings show them."""
