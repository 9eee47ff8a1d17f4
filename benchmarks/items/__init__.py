"""Is the right item first? Written questions, as they are and with a typo, a homophone or in pinyin."""
