/*
 * Articles as Hugo content files, and all escaping. Pure: the pipeline writes what is made here.
 */
#pragma once

#include "model/article.h"

#include <glib.h>
#include <stdbool.h>

/** page_escape: `& < > " ' { }` as entities, so that neither HTML, Goldmark nor shortcodes see foreign text. Returns: (transfer
 * full) */
char *page_escape(const char *text);

/**
 * page_render:
 * @article: with slug, revision and times
 *
 * Returns: (transfer full): the whole of content/posts/<slug>/index.html: one JSON object of front matter, then escaped HTML
 */
char *page_render(const Article *article);

/**
 * SiteSettings: what Hugo's configuration is made of.
 * @title: of the site
 * @base_url: canonical, without a trailing slash
 * @language: such as "en"
 */
typedef struct {
  const char *title;
  const char *base_url;
  const char *language;
} SiteSettings;

/** page_hugo_config: Returns: (transfer full): hugo.json: our theme, no exec, no http, no getenv, raw HTML off, UTC, relative
 * links */
char *page_hugo_config(const SiteSettings *settings);

/** page_is_ours: Returns: true when the folder name @slug ends as our slugs do ("-" and 6 hex digits, or 6 hex digits alone).
 */
bool page_is_ours(const char *slug);
