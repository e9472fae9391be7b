#include "base/digest.h"

#include <stdint.h>
#include <string.h>

char *
digest_sha256(const void *data, size_t length)
{
  return g_compute_checksum_for_data(G_CHECKSUM_SHA256, length > 0 ? data : (const void *) "", length);
}

void
digest_add(GChecksum *checksum, const char *field)
{
  g_autofree char *head = field != NULL ? g_strdup_printf("%zu:", strlen(field)) : g_strdup("-");
  g_checksum_update(checksum, (const guchar *) head, -1);
  if (field != NULL)
    g_checksum_update(checksum, (const guchar *) field, -1);
}

char *
digest_uuid(const char *name)
{
  /* RFC 4122 appendix C: the URL namespace, 6ba7b811-9dad-11d1-80b4-00c04fd430c8 */
  static const uint8_t URL_NAMESPACE[16] = {0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
                                            0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA1);
  g_checksum_update(checksum, URL_NAMESPACE, sizeof URL_NAMESPACE);
  g_checksum_update(checksum, (const guchar *) name, -1);
  uint8_t hash[20];
  size_t length = sizeof hash;
  g_checksum_get_digest(checksum, hash, &length);
  hash[6] = (uint8_t) ((hash[6] & 0x0f) | 0x50);
  hash[8] = (uint8_t) ((hash[8] & 0x3f) | 0x80);
  return g_strdup_printf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", hash[0], hash[1], hash[2],
                         hash[3], hash[4], hash[5], hash[6], hash[7], hash[8], hash[9], hash[10], hash[11], hash[12], hash[13],
                         hash[14], hash[15]);
}
