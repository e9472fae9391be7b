/*
 * Finding the main text in a page's tree. Private to text/extract. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <libxml/tree.h>

/**
 * extract_main:
 * @root: the page's root element; what turns out to be no part of the text is taken out of the tree
 * @title: the page's title, by which its heading is known
 *
 * Menus, consent walls, comments, promotions and their like are known by tags, roles, words of classes and ids, link density
 * and the words of their buttons; what is left is narrowed to what the page names its main part, or else to the block that
 * holds nearly all running text.
 *
 * Returns: (transfer full): the main text, "" where the page has none to read
 */
char *extract_main(xmlNode *root, const char *title);
