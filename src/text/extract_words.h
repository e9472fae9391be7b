/*
 * What the words of a page say about its parts. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** words_name_boilerplate: whether @names, classes or an id, name a part that is not the main text (comments, share bar); where
 * @is_long, words do not count that frames around the main text have as well (sidebar). */
bool words_name_boilerplate(const char *names, bool is_long);

/** words_name_unread: whether @classes name what is there for machines only, or a second time. */
bool words_name_unread(const char *classes);

/** words_are_prompt: whether @text, one short block, asks the reader to do something else than read on. */
bool words_are_prompt(const char *text);

/** words_are_consent: whether @label is of a button that allows or refuses tracking. */
bool words_are_consent(const char *label);

/** words_start_consent: whether a word that consent walls are full of begins at @at, in UTF-8. */
bool words_start_consent(const char *at);

/** words_are_refusal: whether @title and @text are what stands where a page would be: not found, forbidden, for people who
 * logged in or run scripts. */
bool words_are_refusal(const char *title, const char *text);

/** words_are_same_name: whether @a and @b, names of sites, have letters or digits, and the same ones but for "the". */
bool words_are_same_name(const char *a, const char *b);

/** words_are_alike: whether @a and @b are the same, or one, not very short, begins the other. */
bool words_are_alike(const char *a, const char *b);
