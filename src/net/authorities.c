#include "net/authorities.h"

#include "base/error.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static const char SYSTEM_FOLDER[] = "/etc/ssl/certs";
static const char SYSTEM_BUNDLE[] = "/etc/ssl/certs/ca-certificates.crt";

/*
 * @folder: (nullable): whose certificates are read one by one, when they are asked for; a bundle is read whole, which takes
 * some 20 ms of computing
 * @bundle: (nullable): read whole instead of it
 * @own: (nullable): the user's
 * @both: (nullable): what stands in @bundle and @own, where neither can be given alone
 */
struct Authorities {
  const char *folder;
  const char *bundle;
  char *own;
  char *both;
};

/* Whether certificates are found in it by their names' hash, as OpenSSL looks for them: "002c0b4f.0". */
static bool
is_hashed(const char *folder)
{
  enum { HASH_DIGITS = 8 };
  g_autoptr(GDir) names = g_dir_open(folder, 0, NULL);
  for (const char *name = NULL; names != NULL && (name = g_dir_read_name(names)) != NULL;)
    if (strspn(name, "0123456789abcdef") == HASH_DIGITS && name[HASH_DIGITS] == '.')
      return true;
  return false;
}

static bool
add_own(Authorities *authorities, const char *own, GError **error)
{
  if (access(own, R_OK) != 0) {
    error_set(error, ERROR_CONFIG, "network.ca_file: %s: %s", own, g_strerror(errno));
    return false;
  }
  g_autofree char *certificates = NULL;
  g_autofree char *system = NULL;
  authorities->own = g_strdup(own);
  if (authorities->bundle != NULL && g_file_get_contents(authorities->bundle, &system, NULL, NULL) &&
      g_file_get_contents(own, &certificates, NULL, NULL))
    authorities->both = g_strconcat(system, "\n", certificates, NULL);
  return true;
}

Authorities *
authorities_new(const char *own, GError **error)
{
  g_autoptr(Authorities) authorities = g_new0(Authorities, 1);
  bool has_folder = is_hashed(SYSTEM_FOLDER);
  authorities->folder = has_folder ? SYSTEM_FOLDER : NULL;
  authorities->bundle = has_folder ? NULL : SYSTEM_BUNDLE;
  bool has_own = own != NULL && *own != '\0';
  return !has_own || add_own(authorities, own, error) ? g_steal_pointer(&authorities) : NULL;
}

void
authorities_free(Authorities *authorities)
{
  if (authorities == NULL)
    return;
  g_free(authorities->own);
  g_free(authorities->both);
  g_free(authorities);
}

void
authorities_use(const Authorities *authorities, void *handle)
{
  curl_easy_setopt(handle, CURLOPT_CAPATH, authorities->folder);
  curl_easy_setopt(handle, CURLOPT_CAINFO, authorities->own != NULL ? authorities->own : authorities->bundle);
  if (authorities->both == NULL)
    return;
  struct curl_blob both = {.data = authorities->both, .len = strlen(authorities->both), .flags = CURL_BLOB_NOCOPY};
  curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &both);
}
