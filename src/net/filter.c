#include "net/filter.h"

#include "base/error.h"
#include "base/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

enum { ADDRESS_BYTES = 16, MAPPED_BITS = 96 };

/* A range of addresses; an IPv4 one is written as mapped into IPv6 (RFC 4291, 2.5.5.2). */
typedef struct {
  uint8_t bytes[ADDRESS_BYTES];
  unsigned bits;
} Range;

/* A line of network.allow_private. @host: a name, or ".suffix"; NULL: @range counts. @port: 0 for 80 and 443 */
typedef struct {
  char *host;
  Range range;
  int port;
} Rule;

struct Filter {
  GPtrArray *rules;
  GArray *special;
};

/* IPv4 blocks that are not to be reached over the Internet: the IANA IPv4 Special-Purpose Address Registry (RFC 6890 and
   its updates), multicast (RFC 5771) and class E (RFC 1112). Of IPv6 only global unicast 2000::/3 is public, less what
   the IPv6 registry sets apart there: 2001::/23 holds Teredo, benchmarking and ORCHID, 2002::/16 is 6to4, and
   2001:db8::/32 and 3fff::/20 are for documentation. */
static const char *const SPECIAL_RANGES[] = {
    "0.0.0.0/8",    "10.0.0.0/8",     "100.64.0.0/10",  "127.0.0.0/8",   "169.254.0.0/16",  "172.16.0.0/12",  "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4",  "2001::/23",      "2001:db8::/32",  "2002::/16",     "3fff::/20",
};

static const uint8_t MAPPED_PREFIX[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const uint8_t NAT64_PREFIX[] = {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}; /* RFC 6052 */

static bool
range_holds(const Range *range, const uint8_t *address)
{
  unsigned whole = range->bits / 8;
  unsigned rest = range->bits % 8;
  if (memcmp(range->bytes, address, whole) != 0)
    return false;
  return rest == 0 || ((range->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

static void
map_ipv4(const void *ipv4, uint8_t *ret_address)
{
  memcpy(ret_address, MAPPED_PREFIX, sizeof MAPPED_PREFIX);
  memcpy(ret_address + sizeof MAPPED_PREFIX, ipv4, ADDRESS_BYTES - sizeof MAPPED_PREFIX);
}

/* Reads "address" or "address/bits". */
static bool
parse_range(const char *text, Range *ret_range)
{
  const char *slash = strchr(text, '/');
  g_autofree char *address = slash != NULL ? g_strndup(text, (size_t) (slash - text)) : g_strdup(text);
  struct in_addr ipv4;
  Range range;
  unsigned first = 0;
  if (inet_pton(AF_INET, address, &ipv4) == 1) {
    map_ipv4(&ipv4, range.bytes);
    first = MAPPED_BITS;
  } else if (inet_pton(AF_INET6, address, range.bytes) != 1) {
    return false;
  }
  guint64 bits = ADDRESS_BYTES * 8 - first;
  if (slash != NULL && !g_ascii_string_to_unsigned(slash + 1, 10, 0, bits, &bits, NULL))
    return false;
  range.bits = first + (unsigned) bits;
  *ret_range = range;
  return true;
}

static void
rule_free(Rule *rule)
{
  g_free(rule->host);
  g_free(rule);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rule, rule_free)

/* Splits "target:port" and "[target]:port"; a target with more than one colon and no brackets is IPv6 without a port. */
static bool
split_port(const char *text, char **ret_target, int *ret_port)
{
  const char *colon = strrchr(text, ':');
  const char *end = text + strlen(text);
  bool is_bracketed = text[0] == '[';
  const char *bracket = is_bracketed ? strchr(text, ']') : NULL;
  if (is_bracketed) {
    if (bracket == NULL || (bracket[1] != '\0' && bracket[1] != ':'))
      return false;
    end = bracket;
    colon = bracket[1] == ':' ? bracket + 1 : NULL;
  } else if (colon != NULL && strchr(text, ':') == colon) {
    end = colon;
  } else {
    colon = NULL;
  }
  guint64 port = 0;
  if (colon != NULL && !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))
    return false;
  const char *begin = is_bracketed ? text + 1 : text;
  *ret_target = g_strndup(begin, (size_t) (end - begin));
  *ret_port = (int) port;
  return true;
}

/* The name of a rule, brought to the form hosts of URLs have. Returns NULL when it is none. */
static char *
parse_host(const char *text)
{
  bool is_suffix = g_str_has_prefix(text, "*.");
  const char *name = is_suffix ? text + 2 : text;
  if (*name == '\0' || strpbrk(name, "*/?#@[]:\\ ") != NULL)
    return NULL;
  g_autofree char *address = g_strdup_printf("http://%s/", name);
  g_autofree char *host = url_host(address);
  if (host == NULL)
    return NULL;
  return g_strconcat(is_suffix ? "." : "", host, NULL);
}

static Rule *
parse_rule(const char *text)
{
  g_autoptr(Rule) rule = g_new0(Rule, 1);
  g_autofree char *target = NULL;
  if (!split_port(text, &target, &rule->port))
    return NULL;
  if (!parse_range(target, &rule->range)) {
    rule->host = parse_host(target);
    if (rule->host == NULL)
      return NULL;
  }
  return g_steal_pointer(&rule);
}

/* Unpacks what a gateway would turn into IPv4, so that the embedded address is judged. */
static bool
read_address(const struct sockaddr *address, uint8_t *ret_bytes, int *ret_port)
{
  if (address->sa_family == AF_INET) {
    struct sockaddr_in ipv4;
    memcpy(&ipv4, address, sizeof ipv4);
    map_ipv4(&ipv4.sin_addr, ret_bytes);
    *ret_port = ntohs(ipv4.sin_port);
    return true;
  }
  if (address->sa_family != AF_INET6)
    return false;
  struct sockaddr_in6 ipv6;
  memcpy(&ipv6, address, sizeof ipv6);
  memcpy(ret_bytes, &ipv6.sin6_addr, ADDRESS_BYTES);
  if (memcmp(ret_bytes, NAT64_PREFIX, sizeof NAT64_PREFIX) == 0)
    map_ipv4(ret_bytes + sizeof NAT64_PREFIX, ret_bytes);
  *ret_port = ntohs(ipv6.sin6_port);
  return true;
}

static bool
is_public(const Filter *filter, const uint8_t *address)
{
  bool is_global_unicast = (address[0] & 0xe0) == 0x20;
  if (!is_global_unicast && memcmp(address, MAPPED_PREFIX, sizeof MAPPED_PREFIX) != 0)
    return false;
  for (unsigned i = 0; i < filter->special->len; i++)
    if (range_holds(&g_array_index(filter->special, Range, i), address))
      return false;
  return true;
}

static bool
is_web_port(int port)
{
  return port == 80 || port == 443;
}

static bool
rule_allows(const Rule *rule, const char *host, const uint8_t *address, int port)
{
  if (rule->port != 0 ? rule->port != port : !is_web_port(port))
    return false;
  if (rule->host == NULL)
    return range_holds(&rule->range, address);
  return rule->host[0] == '.' ? g_str_has_suffix(host, rule->host) : strcmp(host, rule->host) == 0;
}

static char *
format_address(const uint8_t *address)
{
  char text[INET6_ADDRSTRLEN];
  bool is_ipv4 = memcmp(address, MAPPED_PREFIX, sizeof MAPPED_PREFIX) == 0;
  inet_ntop(is_ipv4 ? AF_INET : AF_INET6, is_ipv4 ? address + sizeof MAPPED_PREFIX : address, text, sizeof text);
  return g_strdup(text);
}

Filter *
filter_new(const char *const *rules, GError **error)
{
  g_autoptr(Filter) filter = g_new0(Filter, 1);
  filter->rules = g_ptr_array_new_with_free_func((GDestroyNotify) rule_free);
  filter->special = g_array_new(FALSE, FALSE, sizeof(Range));
  for (size_t i = 0; i < G_N_ELEMENTS(SPECIAL_RANGES); i++) {
    Range range;
    bool is_range = parse_range(SPECIAL_RANGES[i], &range);
    g_assert(is_range);
    g_array_append_val(filter->special, range);
  }
  for (size_t i = 0; rules != NULL && rules[i] != NULL; i++) {
    Rule *rule = parse_rule(rules[i]);
    if (rule == NULL) {
      error_set(error, ERROR_CONFIG,
                "network.allow_private: \"%s\" is no host, *.suffix, address or CIDR, with or without a :port "
                "(an IPv6 one then in brackets: [fd00::/8]:8080)",
                rules[i]);
      return NULL;
    }
    g_ptr_array_add(filter->rules, rule);
  }
  return g_steal_pointer(&filter);
}

void
filter_free(Filter *filter)
{
  if (filter == NULL)
    return;
  g_ptr_array_unref(filter->rules);
  g_array_unref(filter->special);
  g_free(filter);
}

bool
filter_allows(const Filter *filter, const char *host, const struct sockaddr *address, GError **error)
{
  uint8_t bytes[ADDRESS_BYTES];
  int port;
  if (!read_address(address, bytes, &port)) {
    error_set(error, ERROR_REJECTED, "address of %s is neither IPv4 nor IPv6", host);
    return false;
  }
  for (unsigned i = 0; i < filter->rules->len; i++)
    if (rule_allows(g_ptr_array_index(filter->rules, i), host, bytes, port))
      return true;
  if (!is_public(filter, bytes)) {
    g_autofree char *text = format_address(bytes);
    error_set(error, ERROR_REJECTED, "address %s of %s is private; allow it with network.allow_private", text, host);
    return false;
  }
  if (!is_web_port(port)) {
    error_set(error, ERROR_REJECTED, "port %d of %s is neither 80 nor 443; allow it with network.allow_private", port, host);
    return false;
  }
  return true;
}
