/*
 * Option tables: the one place that knows an option's name, type, default and help. The configuration check,
 * "did you mean" and the comments that `init` writes all come from them.
 */
#pragma once

#include "base/yaml.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * OptionType: the C type of the field at the option's offset.
 * @OPTION_TEXT: char *, owned
 * @OPTION_URL: char *, owned, an absolute http(s) address
 * @OPTION_CHOICE: char *, owned, one of the option's choices
 * @OPTION_INT: int64_t between min and max
 * @OPTION_NUMBER: double between min and max
 * @OPTION_BOOL: bool, written true, yes, on or false, no, off, in any case
 * @OPTION_SECONDS: int64_t milliseconds between min and max seconds, written as a number of seconds, perhaps with decimals
 * @OPTION_MONEY: int64_t micro-dollars between min and max dollars, written as a number of dollars, at most 6 decimals counted;
 *   -1 for one whose default is "" when nothing is said
 * @OPTION_TEXTS: char **, owned, NULL-terminated; a list, or one value for a list of one
 */
typedef enum {
  OPTION_TEXT,
  OPTION_URL,
  OPTION_CHOICE,
  OPTION_INT,
  OPTION_NUMBER,
  OPTION_BOOL,
  OPTION_SECONDS,
  OPTION_MONEY,
  OPTION_TEXTS,
} OptionType;

/**
 * Option:
 * @name: as written in courant.yaml
 * @is_secret: comes from the environment alone, for the file is recorded and shared: what stands there is a problem, and
 * neither recordings nor digests hold it
 * @fallback: (nullable): the default as it would be written, a list's as its only entry; NULL makes the option required
 *   ("" is an empty text or list)
 * @offset: of the field in the section's struct
 * @min: smallest allowed number; no check when @min and @max are equal
 * @choices: (nullable): NULL-terminated
 * @environment: (nullable): the variable that beats the file; one that is empty counts as not set; lists are separated by
 * commas
 * @check: (nullable): of a text, or of each of a list: what is wrong with it, as in `"a b" is no subreddit's name` after the
 *   value; NULL when it is sound
 * @help: one line
 */
typedef struct {
  const char *name;
  OptionType type;
  bool is_secret;
  const char *fallback;
  size_t offset;
  double min;
  double max;
  const char *const *choices;
  const char *environment;
  const char *(*check)(const char *text);
  const char *help;
} Option;

/** OptionSection: a named table, ended by an option without a name, for a struct of @size bytes. */
typedef struct {
  const char *name;
  const Option *options;
  size_t size;
} OptionSection;

/**
 * OptionReading: what is being read, and where problems go.
 * @file: the file's name for messages
 * @path: the section's path for messages, such as "sources[0]"; "" for the top level
 * @environment: (array zero-terminated=1) (nullable): NAME=value lines
 * @problems: (element-type utf8): one line is added an error, such as
 *   `courant.yaml:2: sources[0]: unknown key "limt" (did you mean "limit"?)` or
 *   `environment: QUALITY_THRESHOLD: "abc" is no number between 0 and 1`
 */
typedef struct {
  const char *file;
  const char *path;
  const char *const *environment;
  GPtrArray *problems;
} OptionReading;

/**
 * options_read:
 * @section: the table
 * @node: (nullable): the mapping in the file; NULL for all defaults
 * @reading: where it stands
 *
 * Returns: (transfer full): the struct, filled with defaults where the file says nothing or something wrong
 */
void *options_read(const OptionSection *section, const YamlNode *node, const OptionReading *reading);

/** options_check_keys: adds a problem for each key of the mapping @node that is none of @names (array zero-terminated=1). */
void options_check_keys(const YamlNode *node, const char *const *names, const OptionReading *reading);

/** options_free: frees a struct made by options_read(); NULL-safe. */
void options_free(const OptionSection *section, void *values);

/** options_digest: feeds what @values mean, in the table's order. */
void options_digest(const OptionSection *section, const void *values, GChecksum *checksum);

/**
 * options_describe:
 *
 * Appends each option as `INDENT# help` and `INDENT# name: default` lines, ready to be uncommented; a required option as
 * `INDENTname: example`.
 */
void options_describe(const OptionSection *section, const char *indent, GString *ret_text);
