/* Whatever a reply's headers and body say, a wait is bounded, a quota holds no nonsense, and a token is one line. */
#include "net/quota.h"

#include "fuzz.h"
#include "net/credential.h"
#include "net/retry.h"

#include <glib.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };
#define NOW_MS 1772438400000

static void
check_quota(const Quota *quota)
{
  g_assert_true(quota->allowed >= -1 && quota->remaining >= -1);
  g_assert_true(quota->reset_ms == QUOTA_NO_RESET || ABS(quota->reset_ms - NOW_MS) <= DAY_MS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const long STATUSES[] = {200, 401, 403, 429, 503};
  g_autofree char *text = g_strndup((const char *) data, size);
  for (size_t i = 0; i < G_N_ELEMENTS(STATUSES); i++) {
    g_autoptr(Reply) reply = reply_new();
    reply->status = STATUSES[i];
    reply->url = g_strdup("https://a.example/");
    reply->headers = g_strdup(text);
    reply->body = g_strdup(text);
    reply->body_length = strlen(text);
    const Quotas quotas = quota_read(reply, NOW_MS);
    check_quota(&quotas.requests);
    check_quota(&quotas.tokens);
    int64_t wait_ms = 0;
    g_assert_true(!retry_asked_ms(reply, &quotas, NOW_MS, &wait_ms) || (wait_ms >= 0 && wait_ms <= DAY_MS));
    int64_t life_ms = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = credential_read_token(reply, &life_ms, &error);
    g_assert_true((token == NULL) == (error != NULL));
    g_assert_true(token == NULL || (life_ms >= 0 && *token != '\0' && strpbrk(token, "\r\n") == NULL));
  }
  return 0;
}
