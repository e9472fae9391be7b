/*
 * The covers of the pages: drawn when an article changed, kept in data/site/covers, put into the built site as links.
 */
#pragma once

#include "pipeline/pages.h"

/**
 * covers_draw:
 * @pages: each that tells an article gets its cover's name
 * @tally: what was drawn is added to it
 *
 * Draws those that are missing, as jobs. One that cannot be drawn is kept as a failure, and its page goes without.
 * Errors: CANCELLED, DATABASE, IO
 */
bool covers_draw(const Context *context, Pages *pages, StageTally *tally, GError **error);

/** covers_sweep: removes those that no page shows; a page that the user changed may show any of its story. Errors: IO */
bool covers_sweep(const Context *context, const Pages *pages, GError **error);

/** covers_place: puts those that pages show into @site, a folder that Hugo has filled. Errors: IO */
bool covers_place(const Context *context, const Pages *pages, const char *site, GError **error);
