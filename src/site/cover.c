#include "site/cover.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"

#include <cairo.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdbool.h>
#include <string.h>

/* Goes up with every change of the drawing, so that all covers are drawn anew. */
#define DRAWING_VERSION "1"

#define SERIF "P052, Noto Serif, DejaVu Serif, serif"
#define SANS  "Noto Sans, Liberation Sans, DejaVu Sans, sans-serif"

enum {
  NAME_DIGITS = 8,
  MAX_CHARS = 300,
  MARGIN = 72,
  TEXT_WIDTH = COVER_WIDTH - 2 * MARGIN,
  NAMEPLATE_BASELINE = 88,
  NAMEPLATE_PIXELS = 38,
  TOPIC_PIXELS = 25,
  TOPIC_GAP = 48,
  RULE_TOP = 112,
  HEADLINE_TOP = 146,
  HEADLINE_HEIGHT = 300,
  HEADLINE_SLACK = 18,
  LARGEST_PIXELS = 124,
  SMALLEST_PIXELS = 48,
  LEADING_PERCENT = 118,
  LINES = 11,
  LINE_GAP = 14,
  LINES_TOP = 492,
  STONES = 3,
  CURVE_STEP = 6,
  SHADES = 8,
};

/* The colours of the theme by day: red, green, blue. */
static const int PAPER[] = {0xfa, 0xf7, 0xf0};
static const int INK[] = {0x1d, 0x19, 0x16};
static const int MARK[] = {0xa3, 0x2a, 0x16};

/* What the current parts around. */
typedef struct {
  double x;
  double y;
  double radius;
} Stone;

typedef struct {
  const char *family;
  PangoWeight weight;
  int pixels;
} Face;

static void
use_colour(cairo_t *cairo, const int colour[])
{
  cairo_set_source_rgb(cairo, colour[0] / 255.0, colour[1] / 255.0, colour[2] / 255.0);
}

static char *
clean(const char *text)
{
  g_autofree char *line = text_clean_line(text, strlen(text));
  return text_truncate(line, MAX_CHARS);
}

/* ---- letters */

static void
set_face(PangoLayout *layout, const Face *face)
{
  g_autoptr(PangoFontDescription) description = pango_font_description_new();
  pango_font_description_set_family_static(description, face->family);
  pango_font_description_set_weight(description, face->weight);
  pango_font_description_set_absolute_size(description, (double) face->pixels * PANGO_SCALE);
  pango_layout_set_font_description(layout, description);
}

/* Pango keeps fonts for each thread apart. Neither the machine's screen settings nor its locale show in what is drawn. */
static PangoLayout *
new_layout(cairo_t *cairo, const char *text)
{
  PangoLayout *layout = pango_cairo_create_layout(cairo);
  PangoContext *context = pango_layout_get_context(layout);
  cairo_font_options_t *options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context, options);
  cairo_font_options_destroy(options);
  pango_cairo_context_set_resolution(context, 96);
  pango_context_set_language(context, pango_language_from_string("en"));
  pango_context_set_round_glyph_positions(context, false);
  g_autofree char *shown = clean(text);
  pango_layout_set_text(layout, shown, -1);
  return layout;
}

/* The leading follows the size alone, whatever a font thinks of it. */
static bool
fits(PangoLayout *layout, int pixels)
{
  set_face(layout, &(Face){SERIF, PANGO_WEIGHT_BOLD, pixels});
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
  pango_attr_list_insert(attributes, pango_attr_line_height_new_absolute(pixels * LEADING_PERCENT / 100 * PANGO_SCALE));
  pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(false));
  pango_layout_set_attributes(layout, attributes);
  PangoRectangle extents;
  pango_layout_get_pixel_extents(layout, NULL, &extents);
  return extents.width <= TEXT_WIDTH && extents.height <= HEADLINE_HEIGHT;
}

/* As large as the box allows without breaking a word; what is too long even when small ends in an ellipsis. */
static void
fit_headline(PangoLayout *layout)
{
  pango_layout_set_width(layout, TEXT_WIDTH * PANGO_SCALE);
  int fitting = SMALLEST_PIXELS;
  for (int low = SMALLEST_PIXELS, high = LARGEST_PIXELS; low <= high;) {
    int middle = (low + high) / 2;
    if (fits(layout, middle)) {
      fitting = middle;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  if (fits(layout, fitting))
    return;
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_height(layout, HEADLINE_HEIGHT * PANGO_SCALE);
  pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
}

/* Marks piled upon marks stay in their box. */
static void
draw_headline(cairo_t *cairo, const char *headline)
{
  g_autoptr(PangoLayout) layout = new_layout(cairo, headline);
  fit_headline(layout);
  cairo_save(cairo);
  cairo_rectangle(cairo, 0, HEADLINE_TOP - HEADLINE_SLACK, COVER_WIDTH, HEADLINE_HEIGHT + 2 * HEADLINE_SLACK);
  cairo_clip(cairo);
  PangoRectangle extents;
  pango_layout_get_pixel_extents(layout, NULL, &extents);
  const int top = HEADLINE_TOP + (HEADLINE_HEIGHT - extents.height) / 2;
  cairo_move_to(cairo, MARGIN, top);
  use_colour(cairo, INK);
  pango_cairo_show_layout(cairo, layout);
  cairo_restore(cairo);
}

/* On the baseline of the nameplate, at most @width wide, at the right when @is_last. Returns: how wide it became */
static int
draw_line(cairo_t *cairo, const char *text, const Face *face, int width, bool is_last)
{
  g_autoptr(PangoLayout) layout = new_layout(cairo, text);
  set_face(layout, face);
  pango_layout_set_single_paragraph_mode(layout, true);
  pango_layout_set_width(layout, width * PANGO_SCALE);
  pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
  PangoRectangle extents;
  pango_layout_get_pixel_extents(layout, NULL, &extents);
  int left = is_last ? COVER_WIDTH - MARGIN - extents.width : MARGIN;
  cairo_move_to(cairo, left - extents.x, NAMEPLATE_BASELINE - PANGO_PIXELS(pango_layout_get_baseline(layout)));
  pango_cairo_show_layout(cairo, layout);
  return extents.width;
}

/* The nameplate with its thick and its thin rule, as on the pages. */
static void
draw_masthead(cairo_t *cairo, const Cover *cover)
{
  int width = TEXT_WIDTH;
  if (cover->topic != NULL) {
    use_colour(cairo, MARK);
    width -= TOPIC_GAP + draw_line(cairo, cover->topic, &(Face){SANS, PANGO_WEIGHT_BOLD, TOPIC_PIXELS}, TEXT_WIDTH / 3, true);
  }
  use_colour(cairo, INK);
  draw_line(cairo, cover->site_title, &(Face){SERIF, PANGO_WEIGHT_BOLD, NAMEPLATE_PIXELS}, width, false);
  cairo_rectangle(cairo, MARGIN, RULE_TOP, TEXT_WIDTH, 5);
  cairo_rectangle(cairo, MARGIN, RULE_TOP + 8, TEXT_WIDTH, 2);
  cairo_fill(cairo);
}

/* ---- the current */

static void
place_stones(const char *story_id, Stone stones[STONES])
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(checksum, (const guchar *) story_id, -1);
  guint8 bytes[32];
  size_t length = sizeof bytes;
  g_checksum_get_digest(checksum, bytes, &length);
  double reach = (double) COVER_WIDTH / STONES;
  for (int i = 0; i < STONES; i++) {
    const guint8 *own = bytes + 3 * i;
    stones[i].x = reach * (i + 0.2 + 0.6 * own[0] / 255.0);
    stones[i].y = LINES_TOP + LINE_GAP * (2.5 + own[1] % (LINES - 5));
    stones[i].radius = 16 + 24 * own[2] / 255.0;
  }
}

/* Where the line that runs at @y far from any stone is at @x. */
static double
bend(const Stone stones[STONES], double x, double y)
{
  double bent = y;
  for (int i = 0; i < STONES; i++) {
    double ahead = (x - stones[i].x) / (2.2 * stones[i].radius);
    double aside = y - stones[i].y;
    double push = stones[i].radius * exp(-ahead * ahead);
    bent += (copysign(sqrt(aside * aside + 4 * push * push), aside) - aside) / 2;
  }
  return bent;
}

static void
draw_current(cairo_t *cairo, const char *story_id)
{
  Stone stones[STONES];
  place_stones(story_id, stones);
  use_colour(cairo, INK);
  for (int i = 0; i < LINES; i++) {
    cairo_set_line_width(cairo, 1.0 + 0.15 * i);
    for (int x = -CURVE_STEP; x <= COVER_WIDTH + CURVE_STEP; x += CURVE_STEP)
      cairo_line_to(cairo, x, bend(stones, x, LINES_TOP + LINE_GAP * i));
    cairo_stroke(cairo);
  }
  const Stone *marked = &stones[stones[1].radius > stones[0].radius];
  use_colour(cairo, MARK);
  cairo_arc(cairo, marked->x, marked->y, marked->radius * 0.66, 0, 2 * G_PI);
  cairo_fill(cairo);
}

/* ---- the whole */

/* Between paper and ink a few shades are enough for the eye, and make the file a third as large. */
static uint32_t
flatten_pixel(uint32_t pixel)
{
  const uint32_t colour = pixel & 0xffffff;
  if (colour == (uint32_t) (MARK[0] << 16 | MARK[1] << 8 | MARK[2]))
    return colour;
  uint32_t flat = 0;
  for (int i = 0; i < 3; i++) {
    const int shift = 16 - 8 * i;
    const int depth = PAPER[i] - INK[i];
    const int darkness = PAPER[i] - (int) (colour >> shift & 0xff);
    const int shade = (MAX(darkness, 0) * SHADES + depth / 2) / depth;
    flat |= (uint32_t) MAX(PAPER[i] - shade * depth / SHADES, 0) << shift;
  }
  return flat;
}

static void
flatten(cairo_surface_t *surface)
{
  cairo_surface_flush(surface);
  uint32_t *pixels = (void *) cairo_image_surface_get_data(surface);
  uint32_t last = pixels[0];
  uint32_t flat = flatten_pixel(last);
  for (int i = 0; i < COVER_WIDTH * COVER_HEIGHT; i++) {
    if (pixels[i] != last)
      flat = flatten_pixel(last = pixels[i]);
    pixels[i] = flat;
  }
  cairo_surface_mark_dirty(surface);
}

static cairo_status_t
append_bytes(void *data, const unsigned char *bytes, unsigned length)
{
  g_byte_array_append(data, bytes, length);
  return CAIRO_STATUS_SUCCESS;
}

char *
cover_name(const Cover *cover)
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  const char *const parts[] = {DRAWING_VERSION, cover->site_title, cover->headline, cover->topic, cover->story_id};
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
    digest_add(checksum, parts[i]);
  return g_strdup_printf("%s-%.*s.png", cover->story_id, NAME_DIGITS, g_checksum_get_string(checksum));
}

GBytes *
cover_draw(const Cover *cover, GError **error)
{
  g_autoptr(GByteArray) png = g_byte_array_new();
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, COVER_WIDTH, COVER_HEIGHT);
  cairo_t *cairo = cairo_create(surface);
  use_colour(cairo, PAPER);
  cairo_paint(cairo);
  draw_current(cairo, cover->story_id);
  draw_masthead(cairo, cover);
  draw_headline(cairo, cover->headline);
  cairo_status_t status = cairo_status(cairo);
  if (status == CAIRO_STATUS_SUCCESS)
    flatten(surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream(surface, append_bytes, png);
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes(g_steal_pointer(&png));
  error_set(error, ERROR_IO, "the cover of story %s cannot be drawn: %s", cover->story_id, cairo_status_to_string(status));
  return NULL;
}
