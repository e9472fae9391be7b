/*
 * Articles as Hugo content files, and all escaping. Pure: the pipeline writes what is made here.
 */
#pragma once

#include "model/article.h"

#include <glib.h>

/** page_escape: `& < > " ' { }` as entities, so that neither HTML, Goldmark nor shortcodes see foreign text. Returns: (transfer
 * full) */
char *page_escape(const char *text);

/**
 * PageSetting: what a page says that its article does not know; all borrowed.
 * @shared_topics: slugs of topics that at least two articles have, as a set: only these have a page
 * @cover: (nullable): its picture's file name below `covers/`
 * @told_as: (nullable): the story that its feed id is made from; NULL: its own
 * @aliases: (nullable) (element-type utf8): slugs of pages that stood for it before and lead to it now
 */
typedef struct {
  GHashTable *shared_topics;
  const char *cover;
  const char *told_as;
  const GPtrArray *aliases;
} PageSetting;

/**
 * page_render:
 * @article: with slug, revision and times
 *
 * The front matter's own keys are date, lastmod, slug, title, topics (the slugs of the shared ones, Hugo's taxonomy) and, where
 * there are some, aliases, addresses where Hugo writes a page that leads here;
 * everything of ours stands below its key `params`, which Hugo 0.111 shows to templates as `.Params.params`: cover (where there
 * is one), feed_id, kind, revision, score, sources (kind, name, title and, where known, likes, replies, time and url),
 * story_id, teaser, topics (label, and slug where it is shared). It is not entity-escaped: templates escape it. The body is the
 * quotations, those of what else is known under a heading of their own where there are some of both. An address that is not
 * http or https is left out: its source is shown without a link.
 *
 * Returns: (transfer full): the whole of content/posts/<slug>/index.html: one line of JSON as front matter, then escaped HTML
 */
char *page_render(const Article *article, const PageSetting *setting);

/**
 * SiteSettings: what Hugo's configuration is made of.
 * @title: of the site
 * @base_url: canonical, without a trailing slash
 * @language: such as "en"
 * @topics: (element-type Topic): those that have a page, by slug; their labels stand in Hugo's `site.Params.topics.<slug>`
 */
typedef struct {
  const char *title;
  const char *base_url;
  const char *language;
  const GPtrArray *topics;
} SiteSettings;

/**
 * page_hugo_config:
 *
 * Our theme, no exec, no http, no getenv, raw HTML off, UTC, 30 stories a page. What is built: the pages; index.xml, atom.xml
 * and feed.json of the site and of each topic below `topics/<slug>/`; search.json, sitemap.xml, robots.txt. Hugo (0.111.3) is
 * run as
 *
 *     hugo --source WORKSPACE --config FILE --themesDir DATADIR --cacheDir CACHE --destination FRESH --clock NOW --noBuildLock
 *       --quiet
 *
 * with absolute paths; DATADIR holds the folder `theme`, CACHE and FRESH need not exist (Hugo fills CACHE with empty folders,
 * and never removes what it finds in FRESH), NOW is as time_format() writes it. Nothing is written inside WORKSPACE, whose
 * `content/`, `layouts/` and `static/` are read and override the theme. For a preview the same flags go to `hugo server
 * --bind 127.0.0.1 --disableLiveReload` instead of `hugo --destination FRESH --quiet` (the pages allow no script).
 *
 * Returns: (transfer full): hugo.json
 */
char *page_hugo_config(const SiteSettings *settings);
