/* Any text is a tree or an error that names the file. */
#include "base/yaml.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) root = yaml_parse((const char *) data, size, "fuzz.yaml", &error);
  g_assert_true((root == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_nonnull(strstr(error->message, "fuzz.yaml:"));
  return 0;
}
