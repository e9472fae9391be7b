/*
 * Foreign bytes to UTF-8. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

/** charset_parameter: the charset named by a Content-Type header's value (nullable). Returns: (transfer full) (nullable) */
char *charset_parameter(const char *content_type);

/** charset_windows_1252: the character that windows-1252 has at @byte (the WHATWG's index; other bytes stand for themselves).
 */
gunichar charset_windows_1252(unsigned char byte);

/**
 * charset_decode:
 * @bytes: a page or a feed as served, @length bytes
 * @declared: (nullable): the charset of the Content-Type header
 *
 * The encoding is what a byte order mark says, else @declared, else what the document's own XML declaration or
 * `<meta charset>` says, else UTF-8. A name that is not known is passed over; text that claims to be UTF-8 but mostly
 * is not is read as windows-1252.
 *
 * Returns: (transfer full): NUL-terminated text, UTF-8 but for stray broken bytes, which text_clean() mends
 */
char *charset_decode(const char *bytes, size_t length, const char *declared, size_t *ret_length);

/** charset_mend_punctuation: @text (UTF-8) with the quotation marks, dashes and dots that were UTF-8 once, were read as
 * windows-1252 and became three characters each. Letters stay, for what they became may be meant. Returns: (transfer full) */
char *charset_mend_punctuation(const char *text);
