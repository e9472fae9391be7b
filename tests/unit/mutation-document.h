/*
 * A reply as a tree whose entries can be told apart: the posts of a listing. What a mutation is made to, and how it is known
 * which items are whose.
 */
#pragma once

#include "base/json.h"

#include <libxml/tree.h>

/**
 * Document: one of @root and @xml is set.
 * @entry_count: the elements of find_list(), or the items of a feed; an object without a list is one entry
 */
typedef struct {
  json_t *root;
  xmlDoc *xml;
  unsigned entry_count;
} Document;

/** document_read: reads @body. Returns: false when it is no tree of entries, @ret_document untouched */
bool document_read(const char *body, size_t length, Document *ret_document);

/** document_clear: NULL-safe inside. */
void document_clear(Document *document);

/** document_copy: Returns: (transfer full) */
Document document_copy(const Document *document);

/** document_write: Returns: (transfer full): @document as text */
char *document_write(const Document *document);

/** document_write_part: Returns: (transfer full): @document with the entry @index alone, or with all the others */
char *document_write_part(const Document *document, unsigned index, bool is_kept);

/** document_has_list: whether the entries of @document are a list's, or it is itself the only one. */
bool document_has_list(const Document *document);

/** find_list: Returns: (transfer none) (nullable): @root if it is a list, else the longest list with an object, in it or in one
 * of its members */
json_t *find_list(json_t *root);

/** find_entry: Returns: (transfer none) (nullable): the entry @index of @root */
json_t *find_entry(json_t *root, unsigned index);

/** find_feed_entries: Returns: (transfer container) (element-type xmlNode): the entries of the feed @xml */
GPtrArray *find_feed_entries(const xmlDoc *xml);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Document, document_clear)
