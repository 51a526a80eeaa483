"""Plain tools that know no insurance: errors, words, strict files, atomic writing, progress."""
