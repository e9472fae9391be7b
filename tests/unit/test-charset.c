#include "text/charset.h"

#include <string.h>

#define BYTES(text) text, sizeof(text) - 1

static const struct {
  const char *name;
  const char *bytes;
  size_t length;
  const char *declared;
  const char *expected;
} DECODED[] = {
    {"utf-32, little-endian, by its mark", BYTES("\xFF\xFE\0\0<\0\0\0\x44\x21\0\0"), NULL, "<\u2144"},
    {"utf-32, big-endian, by its mark", BYTES("\0\0\xFE\xFF\0\0\0<\0\1\xF6\0"), NULL, "<\U0001F600"},
    {"utf-32, little-endian, by its tag", BYTES("<\0\0\0r\0\0\0"), NULL, "<r"},
    {"utf-32, big-endian, by its tag", BYTES("\0\0\0<\0\0\0r"), "utf-8", "<r"},
    {"utf-16 is not taken for utf-32", BYTES("\xFF\xFE<\0r\0"), NULL, "<r"},
    {"utf-32 that is cut", BYTES("\0\0\0<\0\0\0"), NULL, "<\uFFFD\uFFFD\uFFFD"},
    {"an old name of Thai", BYTES("<\xA1\xD2"), "TIS-620", "<\u0E01\u0E32"},
};

static void
test_decoded(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(DECODED); i++) {
    g_test_message("%s", DECODED[i].name);
    size_t length = 0;
    g_autofree char *text = charset_decode(DECODED[i].bytes, DECODED[i].length, DECODED[i].declared, &length);
    g_assert_cmpstr(text, ==, DECODED[i].expected);
    g_assert_cmpuint(length, ==, strlen(text));
  }
}

/* Each pair: a text, and what it means */
static const char *const PUNCTUATION[][2] = {
    {"", ""},
    {"It doesn’t rain…", "It doesn’t rain…"},
    {"It doesnâ€™t rainâ€¦", "It doesn’t rain…"},
    {"â€œwetâ€“dryâ€”damp â€¢ 5â€°", "“wet–dry—damp • 5‰"},
    {"at its end â€", "at its end â€"},
    {"â€â€™", "â€’"},
    {"no punctuation: â€a â€Ω â€€", "no punctuation: â€a â€Ω â€€"},
    {"no space, no control: â€\u201A â€\u017D â€¨", "no space, no control: â€\u201A â€\u017D â€¨"},
    {"letters: IRMÃ” É™", "letters: IRMÃ” É™"},
};

static void
test_punctuation(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(PUNCTUATION); i++) {
    g_autofree char *mended = charset_mend_punctuation(PUNCTUATION[i][0]);
    g_assert_cmpstr(mended, ==, PUNCTUATION[i][1]);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/charset/decoded", test_decoded);
  g_test_add_func("/charset/punctuation-encoded-twice", test_punctuation);
  return g_test_run();
}
