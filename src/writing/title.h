/*
 * Titles as a headline may have them. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * title_tidy:
 * @title: clean, one line
 * @sites: (element-type utf8): what the sites call themselves that a title may end with
 *
 * Takes off what is not said but hung on: "Show HN:", "[video]", "(crosspost from r/c)", "| Site", an owner before a
 * repository's name, addresses, hashtags and emoji at the ends, the full stop, quotation marks around it all. Years stay: they
 * tell that it is no news.
 *
 * Returns: (transfer full): @title itself when nothing else would be left
 */
char *title_tidy(const char *title, const GPtrArray *sites);

/** title_is_shouted: Returns: whether nearly all letters of @title, which is more than a name, are capitals */
bool title_is_shouted(const char *title);

/**
 * title_unshout:
 * @title: of title_is_shouted()
 * @texts: (element-type utf8): what is known of the words in it
 *
 * Returns: (transfer full): @title as a sentence, each word written as @texts mostly do, else small unless it is an acronym
 */
char *title_unshout(const char *title, const GPtrArray *texts);
