"""Search of what is public: Chinese words of two letters, Latin codes, pinyin; the same on every database."""
