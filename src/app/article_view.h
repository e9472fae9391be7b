/*
 * One article for the eyes of its editor, as it will be or is on the site.
 */
#pragma once

#include "app/workspace.h"

/** article_view_document: the newest revision of the article called @slug, held or not, and what is new in it where an older
 * one is on the site. Returns: (transfer full) (nullable): NULL without error when there is no such article */
json_t *article_view_document(const Workspace *workspace, Store *store, const char *slug, GError **error);

/** article_view_print: @document as text. */
void article_view_print(const json_t *document);
