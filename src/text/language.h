/*
 * Languages. Thread: all functions are pure.
 */
#pragma once

/** language_primary: the primary subtag of the tag @tag (nullable), "en" of "en-US". Returns: (transfer full) (nullable): lower
 * case, NULL when it is no tag of BCP 47 */
char *language_primary(const char *tag);
