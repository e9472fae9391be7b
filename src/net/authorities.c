#include "net/authorities.h"

#include "base/error.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static const char SYSTEM_FOLDER[] = "/etc/ssl/certs";
static const char SYSTEM_BUNDLE[] = "/etc/ssl/certs/ca-certificates.crt";

/* One store for all connections: a certificate is read once, whoever asks for it. */
struct Authorities {
  X509_STORE *store;
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

/* From a folder certificates are read when they are asked for; a bundle is read whole, which takes some 20 ms of computing. A
 * system without either trusts nobody, which every connection tells. */
static void
add_system(Authorities *authorities)
{
  if (is_hashed(SYSTEM_FOLDER))
    X509_STORE_load_path(authorities->store, SYSTEM_FOLDER);
  else
    X509_STORE_load_file(authorities->store, SYSTEM_BUNDLE);
}

static bool
add_own(Authorities *authorities, const char *own, GError **error)
{
  if (access(own, R_OK) != 0) {
    error_set(error, ERROR_CONFIG, "network.ca_file: %s: %s", own, g_strerror(errno));
    return false;
  }
  if (X509_STORE_load_file(authorities->store, own) == 1)
    return true;
  error_set(error, ERROR_CONFIG, "network.ca_file: %s: holds no certificate that can be read; PEM is expected", own);
  return false;
}

Authorities *
authorities_new(const char *own, GError **error)
{
  g_autoptr(Authorities) authorities = g_new0(Authorities, 1);
  authorities->store = X509_STORE_new();
  g_assert(authorities->store != NULL);
  /* as curl does: whoever stands in the store is trusted, be it no root */
  X509_STORE_set_flags(authorities->store, X509_V_FLAG_PARTIAL_CHAIN);
  add_system(authorities);
  bool has_own = own != NULL && *own != '\0';
  return !has_own || add_own(authorities, own, error) ? g_steal_pointer(&authorities) : NULL;
}

void
authorities_free(Authorities *authorities)
{
  if (authorities == NULL)
    return;
  X509_STORE_free(authorities->store);
  g_free(authorities);
}

static CURLcode
give_store(CURL *handle, void *context, void *data)
{
  const Authorities *authorities = data;
  (void) handle;
  SSL_CTX_set1_cert_store(context, authorities->store);
  return CURLE_OK;
}

void
authorities_use(const Authorities *authorities, void *handle)
{
  curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
  curl_easy_setopt(handle, CURLOPT_CAINFO, NULL);
  curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, authorities);
  CURLcode code = curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, give_store);
  /* else nothing would be trusted: curl must speak TLS by OpenSSL, as the build makes sure */
  g_assert(code == CURLE_OK);
}
