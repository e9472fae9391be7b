/*
 * Foreign text made safe, once, where it enters. Everything returned is valid UTF-8 in NFC.
 * Thread: all functions are pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * text_clean:
 * @bytes: foreign bytes, perhaps with NUL, broken UTF-8 or controls
 * @length: their number
 *
 * Keeps what XML 1.0 calls characters, drops controls, bidirectional controls (U+061C, U+200E, U+200F,
 * U+202A-U+202E, U+2066-U+2069) and Unicode tag characters, replaces each broken byte by U+FFFD, folds CR LF to
 * LF, makes NFC. Line breaks stay.
 *
 * Returns: (transfer full): the text
 */
char *text_clean(const char *bytes, size_t length);

/** text_clean_line: as text_clean(), with every run of white space one space and none at the ends. Returns: (transfer full) */
char *text_clean_line(const char *bytes, size_t length);

/**
 * text_printable:
 * @text: (nullable): a foreign string
 *
 * For a terminal or a log: one line, escape sequences and controls shown as \xNN or \uNNNN, never obeyed.
 *
 * Returns: (transfer full): printable text, "" for NULL
 */
char *text_printable(const char *text);

/** text_truncate: @text cut to at most @max_chars characters, at a word and without punctuation before the "…", which is
 * included. Returns: (transfer full) */
char *text_truncate(const char *text, size_t max_chars);

/** text_casefold: g_utf8_casefold(), and fast where all is ASCII. @length: in bytes, -1: up to the NUL. Returns: (transfer
 * full) */
char *text_casefold(const char *text, ssize_t length);

/** text_span_plain: Returns: how many bytes from @at to @end are ASCII that is seen, up to the first that is not */
size_t text_span_plain(const char *at, const char *end);

/** text_is_listed: whether @word is one of @words, which stand in the order of bytes */
bool text_is_listed(const char *word, const char *const *words, size_t count);

/** text_slug: @text folded to ASCII [a-z0-9-], at most @max_bytes, cut at a word. Returns: (transfer full): perhaps "" */
char *text_slug(const char *text, size_t max_bytes);

/**
 * text_nearest:
 * @word: what was typed
 * @candidates: (array zero-terminated=1): what it could have been
 *
 * Returns: (transfer none) (nullable): the candidate within an edit distance of a third of @word's length (at
 *   least 1, at most 3), of equally near ones the one that begins most like @word; NULL when there is none
 */
const char *text_nearest(const char *word, const char *const *candidates);
