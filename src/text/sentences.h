/*
 * Sentences of clean text. Thread: pure.
 */
#pragma once

#include <glib.h>

/**
 * sentences_split:
 *
 * @text: clean text in any language
 *
 * Cuts at sentence ends, paragraph breaks and the items of lists; not after initials and abbreviations of English, German,
 * French, Spanish and Dutch ("e.g.", "z. B.", "Mme."), inside numbers and versions ("3.14", "v4.0.0") or addresses. A sentence
 * is one line with single spaces, an item without its bullet.
 *
 * Returns: (transfer full) (element-type utf8)
 */
GPtrArray *sentences_split(const char *text);
