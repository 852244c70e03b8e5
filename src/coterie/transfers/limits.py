"""What a file may be at most. Every one of these is checked before or while it is read, never after."""

from __future__ import annotations

from typing import Final

# Bytes. Text is read as a stream, so it may be larger than a spreadsheet, which is opened as a whole.
TEXT_FILE: Final = 1024**3
SHEET_FILE: Final = 50 * 1024**2

# Inside a spreadsheet, which is a ZIP archive.
ENTRIES: Final = 1_000
ENTRY_BYTES: Final = 200 * 1024**2
TOTAL_BYTES: Final = 400 * 1024**2
RATIO: Final = 100
# An archive of a few kilobytes may well be packed tightly.
RATIO_FROM: Final = 1024**2

ROWS: Final = 1_048_576
COLUMNS: Final = 1_000
CELL: Final = 32_767
# Characters between two line breaks, quoted ones too.
LINE: Final = 4 * 1024**2

# Of the process that opens a spreadsheet.
SHEET_MEMORY: Final = 2 * 1024**3
SHEET_SECONDS: Final = 120

# Rows that are looked at to tell what a column holds.
SAMPLE_ROWS: Final = 1_000
# Characters of these rows; whatever they hold, two rows are looked at.
SAMPLE_TEXT: Final = 4 * 1024**2
# Different values that are tried against the types, of a column and of all columns.
TRIED_VALUES: Final = 200
TRIED_IN_ALL: Final = 40_000
SAMPLE_BYTES: Final = 1024**2
# Of these as many are shown as they stand in the file, so that someone can see which row names the columns.
PREVIEW_ROWS: Final = 12
PREVIEW_COLUMNS: Final = 30
