#include "model/options.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "base/url.h"

#include <math.h>
#include <string.h>

enum { MAX_QUOTED_CHARS = 60 };

#define MICROS_A_DOLLAR 1e6

static void
set_text(void *field, const char *text)
{
  char **place = field;
  g_free(*place);
  *place = g_strdup(text);
}

/* Returns: (transfer none) (nullable): what the option's own check has against @text */
static const char *
find_fault(const Option *option, const char *text)
{
  return option->check != NULL ? option->check(text) : NULL;
}

static bool
store_text(const Option *option, const char *text, void *field)
{
  if (*text != '\0' && find_fault(option, text) != NULL)
    return false;
  set_text(field, text);
  return true;
}

static bool
store_url(G_GNUC_UNUSED const Option *option, const char *text, void *field)
{
  g_auto(Url) url = {0};
  if (!url_parse(text, &url, NULL))
    return false;
  set_text(field, text);
  return true;
}

static bool
store_choice(const Option *option, const char *text, void *field)
{
  if (!g_strv_contains(option->choices, text))
    return false;
  set_text(field, text);
  return true;
}

static bool
is_in_range(const Option *option, double number)
{
  return option->min >= option->max || (number >= option->min && number <= option->max);
}

static bool
store_int(const Option *option, const char *text, void *field)
{
  int64_t number;
  if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL) || !is_in_range(option, (double) number))
    return false;
  *(int64_t *) field = number;
  return true;
}

static bool
parse_number(const char *text, double *ret_number)
{
  /* strtod would also take white space, hexadecimal digits, "inf" and "nan". */
  if (*text == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0')
    return false;
  char *end;
  *ret_number = g_ascii_strtod(text, &end);
  return *end == '\0' && isfinite(*ret_number);
}

static bool
store_number(const Option *option, const char *text, void *field)
{
  double number;
  if (!parse_number(text, &number) || !is_in_range(option, number))
    return false;
  *(double *) field = number;
  return true;
}

static bool
store_bool(G_GNUC_UNUSED const Option *option, const char *text, void *field)
{
  static const char *const WORDS[] = {"false", "true", "no", "yes", "off", "on"};
  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
    if (g_ascii_strcasecmp(text, WORDS[i]) == 0) {
      *(bool *) field = i % 2 == 1;
      return true;
    }
  return false;
}

static bool
store_seconds(const Option *option, const char *text, void *field)
{
  g_assert(option->min >= 0 && option->min < option->max);
  double seconds;
  if (!store_number(option, text, &seconds))
    return false;
  *(int64_t *) field = (int64_t) (seconds * 1000 + 0.5);
  return true;
}

static bool
store_money(const Option *option, const char *text, void *field)
{
  double dollars = 0;
  bool is_unset = *text == '\0' && g_strcmp0(option->fallback, "") == 0;
  if (!is_unset && !store_number(option, text, &dollars))
    return false;
  *(int64_t *) field = is_unset ? -1 : (int64_t) (dollars * MICROS_A_DOLLAR + 0.5);
  return true;
}

/* How each type but OPTION_TEXTS reads a scalar. Returns: false when it is no such value, the field untouched */
static bool (*const STORE[])(const Option *option, const char *text, void *field) = {
    [OPTION_TEXT] = store_text, [OPTION_URL] = store_url,       [OPTION_CHOICE] = store_choice,   [OPTION_INT] = store_int,
    [OPTION_BOOL] = store_bool, [OPTION_NUMBER] = store_number, [OPTION_SECONDS] = store_seconds, [OPTION_MONEY] = store_money,
};

/* Returns: (transfer none) (nullable): the first entry of @node, or @node itself, that is none of the option's texts */
static const YamlNode *
find_wrong_text(const Option *option, const YamlNode *node)
{
  if (node->kind == YAML_MAPPING)
    return node;
  if (node->kind == YAML_SCALAR)
    return *node->text != '\0' && find_fault(option, node->text) != NULL ? node : NULL;
  for (guint i = 0; i < node->values->len; i++) {
    const YamlNode *entry = node->values->pdata[i];
    if (entry->kind != YAML_SCALAR || yaml_node_is_absent(entry))
      return node;
    if (find_fault(option, entry->text) != NULL)
      return entry;
  }
  return NULL;
}

static bool
store_texts(const Option *option, const YamlNode *node, void *field)
{
  if (find_wrong_text(option, node) != NULL)
    return false;
  g_autoptr(GStrvBuilder) texts = g_strv_builder_new();
  if (node->kind == YAML_SCALAR && *node->text != '\0')
    g_strv_builder_add(texts, node->text);
  for (guint i = 0; node->kind == YAML_SEQUENCE && i < node->values->len; i++)
    g_strv_builder_add(texts, ((const YamlNode *) node->values->pdata[i])->text);
  g_strfreev(*(char ***) field);
  *(char ***) field = g_strv_builder_end(texts);
  return true;
}

static bool
store(const Option *option, const YamlNode *node, void *field)
{
  if (option->type == OPTION_TEXTS)
    return store_texts(option, node, field);
  return node->kind == YAML_SCALAR && STORE[option->type](option, node->text, field);
}

/* Stores a value that no file holds. */
static bool
store_plain(const Option *option, const char *text, void *field)
{
  g_autofree char *copy = g_strdup(text);
  return store(option, &(YamlNode){.kind = YAML_SCALAR, .text = copy}, field);
}

static void
free_entry(void *data)
{
  YamlNode *entry = data;
  g_free(entry->text);
  g_free(entry);
}

/* Returns: (transfer full) (element-type YamlNode): the entries of a list as a variable holds it */
static GPtrArray *
split_variable(const char *variable)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func(free_entry);
  g_auto(GStrv) parts = g_strsplit(variable, ",", -1);
  for (char **part = parts; *part != NULL; part++) {
    if (*g_strstrip(*part) == '\0')
      continue;
    YamlNode *entry = g_new0(YamlNode, 1);
    *entry = (YamlNode){.kind = YAML_SCALAR, .text = g_strdup(*part)};
    g_ptr_array_add(entries, entry);
  }
  return entries;
}

static char *
quoted(const char *text)
{
  g_autofree char *printable = text_printable(text);
  g_autofree char *shortened = text_truncate(printable, MAX_QUOTED_CHARS);
  return g_strdup_printf("\"%s\"", shortened);
}

static char *
found(const YamlNode *node)
{
  if (node->kind == YAML_SCALAR)
    return quoted(node->text);
  return g_strdup(node->kind == YAML_SEQUENCE ? "a list" : "a mapping");
}

static char *
did_you_mean(const char *word, const char *const *candidates)
{
  const char *nearest = text_nearest(word, candidates);
  return nearest != NULL ? g_strdup_printf(" (did you mean \"%s\"?)", nearest) : g_strdup("");
}

/* What follows "is none of" or "is no number". */
static char *
refusal_detail(const Option *option, const YamlNode *node)
{
  if (option->type == OPTION_CHOICE) {
    g_autofree char *choices = g_strjoinv(", ", (char **) option->choices);
    g_autofree char *hint = did_you_mean(node->kind == YAML_SCALAR ? node->text : "", option->choices);
    return g_strconcat(": ", choices, hint, NULL);
  }
  if (option->min >= option->max)
    return g_strdup("");
  char least[G_ASCII_DTOSTR_BUF_SIZE];
  char most[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(least, sizeof least, "%.15g", option->min);
  g_ascii_formatd(most, sizeof most, "%.15g", option->max);
  return g_strdup_printf(" between %s and %s", least, most);
}

/* Why store() refused, such as `"abc" is no number between 0 and 1` */
static char *
refusal(const Option *option, const YamlNode *node)
{
  static const char *const REFUSALS[] = {
      [OPTION_TEXT] = "is no text",
      [OPTION_URL] = "is no http or https address",
      [OPTION_CHOICE] = "is none of",
      [OPTION_INT] = "is no whole number",
      [OPTION_NUMBER] = "is no number",
      [OPTION_BOOL] = "is neither true nor false",
      [OPTION_SECONDS] = "is no number of seconds",
      [OPTION_MONEY] = "is no number of dollars",
      [OPTION_TEXTS] = "is no list of texts",
  };
  const YamlNode *wrong = option->type == OPTION_TEXTS ? find_wrong_text(option, node) : node;
  bool is_address = wrong->kind == YAML_SCALAR && (option->type == OPTION_URL || strstr(wrong->text, "://") != NULL);
  if (is_address && strchr(wrong->text, '@') != NULL)
    return g_strdup("an address with a user name or a password is not allowed");
  g_autofree char *what = found(wrong);
  const char *fault = wrong->kind == YAML_SCALAR ? find_fault(option, wrong->text) : NULL;
  if (fault != NULL)
    return g_strdup_printf("%s %s", what, fault);
  g_autofree char *detail = refusal_detail(option, node);
  return g_strdup_printf("%s %s%s", what, REFUSALS[option->type], detail);
}

static void
add_problem(const OptionReading *reading, unsigned line, const char *name, const char *problem)
{
  const char *dot = *reading->path != '\0' && *name != '\0' ? "." : "";
  const char *colon = *reading->path != '\0' || *name != '\0' ? ": " : "";
  g_ptr_array_add(reading->problems,
                  g_strdup_printf("%s:%u: %s%s%s%s%s", reading->file, line, reading->path, dot, name, colon, problem));
}

/* A list that must hold something. */
static bool
is_empty_list(const Option *option, const YamlNode *value)
{
  return option->fallback == NULL && value->kind == YAML_SEQUENCE && value->values->len == 0;
}

/* @variable: (nullable): what the environment says */
static void
read_file_value(const OptionReading *reading, const Option *option, const YamlNode *section, const char *variable, void *field)
{
  const YamlNode *value = yaml_node_find(section, option->name);
  if (value == NULL || yaml_node_is_absent(value) || is_empty_list(option, value)) {
    if (option->fallback != NULL || variable != NULL)
      return;
    g_autofree char *problem = g_strdup_printf("\"%s\" is missing (%s)", option->name, option->help);
    add_problem(reading, section != NULL ? section->line : 1, "", problem);
  } else if (option->is_secret) {
    g_autofree char *problem =
        g_strdup_printf("a secret does not belong in this file; set it in the environment as %s", option->environment);
    add_problem(reading, value->line, option->name, problem);
  } else if (!store(option, value, field)) {
    const YamlNode *wrong = option->type == OPTION_TEXTS ? find_wrong_text(option, value) : value;
    g_autofree char *problem = refusal(option, value);
    add_problem(reading, wrong->line, option->name, problem);
  }
}

static void
read_variable(const OptionReading *reading, const Option *option, const char *variable, void *field)
{
  g_autoptr(GPtrArray) entries = split_variable(variable);
  g_autofree char *copy = g_strdup(variable);
  const YamlNode node = option->type == OPTION_TEXTS ? (YamlNode){.kind = YAML_SEQUENCE, .values = entries}
                                                     : (YamlNode){.kind = YAML_SCALAR, .text = copy};
  if (store(option, &node, field))
    return;
  g_autofree char *problem = option->is_secret ? g_strdup("is not usable") : refusal(option, &node);
  g_ptr_array_add(reading->problems, g_strdup_printf("environment: %s: %s", option->environment, problem));
}

static const char *
find_variable(const Option *option, const char *const *environment)
{
  if (option->environment == NULL)
    return NULL;
  const char *variable = g_environ_getenv((char **) environment, option->environment);
  return variable != NULL && *variable != '\0' ? variable : NULL;
}

/* Returns: whether @node holds options, perhaps none */
static bool
check_section(const OptionSection *section, const YamlNode *node, const OptionReading *reading)
{
  if (yaml_node_is_absent(node))
    return true;
  if (node->kind == YAML_MAPPING) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (const Option *option = section->options; option->name != NULL; option++)
      g_ptr_array_add(names, (char *) option->name);
    g_ptr_array_add(names, NULL);
    options_check_keys(node, (const char *const *) names->pdata, reading);
    return true;
  }
  g_autofree char *what = found(node);
  g_autofree char *problem = g_strdup_printf("%s is no mapping of options such as \"%s: %s\"", what, section->options->name,
                                             section->options->fallback != NULL ? section->options->fallback : "...");
  add_problem(reading, node->line, "", problem);
  return false;
}

void
options_check_keys(const YamlNode *node, const char *const *names, const OptionReading *reading)
{
  for (guint i = 0; i < node->keys->len; i++) {
    const YamlNode *key = node->keys->pdata[i];
    if (g_strv_contains(names, key->text))
      continue;
    g_autofree char *what = quoted(key->text);
    g_autofree char *hint = did_you_mean(key->text, names);
    g_autofree char *problem = g_strdup_printf("unknown key %s%s", what, hint);
    add_problem(reading, key->line, "", problem);
  }
}

void *
options_read(const OptionSection *section, const YamlNode *node, const OptionReading *reading)
{
  char *values = g_malloc0(section->size);
  bool is_readable = check_section(section, node, reading);
  for (const Option *option = section->options; option->name != NULL; option++) {
    void *field = values + option->offset;
    const char *variable = find_variable(option, reading->environment);
    bool is_sound = option->fallback == NULL || store_plain(option, option->fallback, field);
    g_assert(is_sound);
    if (is_readable)
      read_file_value(reading, option, node, variable, field);
    if (variable != NULL)
      read_variable(reading, option, variable, field);
  }
  return values;
}

static bool
is_one_text(OptionType type)
{
  return type == OPTION_TEXT || type == OPTION_URL || type == OPTION_CHOICE;
}

void
options_free(const OptionSection *section, void *values)
{
  if (values == NULL)
    return;
  for (const Option *option = section->options; option->name != NULL; option++) {
    void *field = (char *) values + option->offset;
    if (option->type == OPTION_TEXTS)
      g_strfreev(*(char ***) field);
    else if (is_one_text(option->type))
      g_free(*(char **) field);
  }
  g_free(values);
}

static void
digest_value(const Option *option, const void *field, GChecksum *checksum)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  switch (option->type) {
  case OPTION_TEXT:
  case OPTION_URL:
  case OPTION_CHOICE:
    digest_add(checksum, *(const char *const *) field);
    return;
  case OPTION_TEXTS:
    for (const char *const *text = *(const char *const *const *) field; *text != NULL; text++)
      digest_add(checksum, *text);
    digest_add(checksum, NULL);
    return;
  case OPTION_NUMBER:
    digest_add(checksum, g_ascii_dtostr(number, sizeof number, *(const double *) field));
    return;
  case OPTION_BOOL:
    digest_add(checksum, *(const bool *) field ? "true" : "false");
    return;
  case OPTION_INT:
  case OPTION_SECONDS:
  case OPTION_MONEY:
    g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, *(const int64_t *) field);
    digest_add(checksum, number);
    return;
  }
}

void
options_digest(const OptionSection *section, const void *values, GChecksum *checksum)
{
  for (const Option *option = section->options; option->name != NULL; option++) {
    const void *field = (const char *) values + option->offset;
    if (option->is_secret)
      digest_add(checksum, **(const char *const *) field != '\0' ? "set" : "");
    else
      digest_value(option, field, checksum);
  }
}

/* @text as a YAML scalar, in quotes where it would not mean itself: a JSON string is YAML too */
static char *
written(const char *text)
{
  static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ./:_-";
  bool is_plain = g_ascii_isalnum(*text) && text[strspn(text, PLAIN)] == '\0' && strcmp(text, "null") != 0;
  if (is_plain && strstr(text, ": ") == NULL && strchr(" :", text[strlen(text) - 1]) == NULL)
    return g_strdup(text);
  g_autoptr(json_t) string = json_string(text);
  return json_dumps(string, JSON_ENCODE_ANY);
}

static void
describe_default(const Option *option, const char *indent, GString *ret_text)
{
  if (option->fallback == NULL) {
    const char *example = option->type == OPTION_URL     ? "https://example.org/feed.xml"
                          : option->type == OPTION_TEXTS ? "[...]"
                                                         : "...";
    g_string_append_printf(ret_text, "%s%s: %s\n", indent, option->name, example);
    return;
  }
  g_autofree char *value = written(option->fallback);
  if (option->type != OPTION_TEXTS)
    g_string_append_printf(ret_text, "%s# %s: %s\n", indent, option->name, value);
  else
    g_string_append_printf(ret_text, "%s# %s: [%s]\n", indent, option->name, *option->fallback != '\0' ? value : "");
}

void
options_describe(const OptionSection *section, const char *indent, GString *ret_text)
{
  for (const Option *option = section->options; option->name != NULL; option++) {
    if (option->is_secret) {
      g_string_append_printf(ret_text, "%s# %s: set %s in the environment\n", indent, option->help, option->environment);
      continue;
    }
    g_string_append_printf(ret_text, "%s# %s", indent, option->help);
    if (option->type == OPTION_CHOICE) {
      g_autofree char *choices = g_strjoinv(", ", (char **) option->choices);
      g_string_append_printf(ret_text, " (one of: %s)", choices);
    }
    if (option->environment != NULL)
      g_string_append_printf(ret_text, " (environment: %s)", option->environment);
    g_string_append_c(ret_text, '\n');
    describe_default(option, indent, ret_text);
  }
}
