#include "site/cover.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"

#include <cairo.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <png.h>
#include <stdbool.h>
#include <string.h>

/* Goes up with every change of the drawing, so that all covers are drawn anew. */
#define DRAWING_VERSION "2"

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
  MARK_SHADES = 7,
  COLOURS = 1 + SHADES + MARK_SHADES,
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

/* Between paper and ink, and between paper and mark, a few shades are enough for the eye, and four bits for a pixel. */
static guint8
find_colour(uint16_t pixel)
{
  enum { MARK_EXCESS = 16 };
  const int red = (pixel >> 11) * 255 / 31;
  const int green = (pixel >> 5 & 0x3f) * 255 / 63;
  const bool is_mark = red - green > MARK_EXCESS;
  const int shades = is_mark ? MARK_SHADES : SHADES;
  const int depth = PAPER[1] - (is_mark ? MARK : INK)[1];
  const int shade = CLAMP(((PAPER[1] - green) * shades + depth / 2) / depth, 0, shades);
  return (guint8) (shade + (is_mark && shade > 0 ? SHADES : 0));
}

/* Returns: the numbers of the pixels' colours, in the place of the pixels */
static const guint8 *
flatten(cairo_surface_t *surface)
{
  cairo_surface_flush(surface);
  guint8 *data = cairo_image_surface_get_data(surface);
  const size_t stride = (size_t) cairo_image_surface_get_stride(surface);
  uint16_t last = 0;
  guint8 colour = find_colour(last);
  for (size_t y = 0; y < COVER_HEIGHT; y++)
    for (size_t x = 0; x < COVER_WIDTH; x++) {
      uint16_t pixel;
      memcpy(&pixel, data + y * stride + 2 * x, sizeof pixel);
      if (pixel != last)
        colour = find_colour(last = pixel);
      data[y * COVER_WIDTH + x] = colour;
    }
  return data;
}

static void
mix_colours(png_byte ret_colours[COLOURS][3])
{
  for (int i = 0; i < COLOURS; i++) {
    const bool is_mark = i > SHADES;
    const int shades = is_mark ? MARK_SHADES : SHADES;
    const int shade = is_mark ? i - SHADES : i;
    for (int j = 0; j < 3; j++)
      ret_colours[i][j] = (png_byte) (PAPER[j] + ((is_mark ? MARK : INK)[j] - PAPER[j]) * shade / shades);
  }
}

/* Returns: (transfer full) (nullable): the file */
static GBytes *
encode(const guint8 *pixels, GError **error)
{
  png_image image = {
      .version = PNG_IMAGE_VERSION,
      .width = COVER_WIDTH,
      .height = COVER_HEIGHT,
      .format = PNG_FORMAT_RGB_COLORMAP,
      .colormap_entries = COLOURS,
  };
  png_byte colours[COLOURS][3];
  mix_colours(colours);
  png_alloc_size_t length = PNG_IMAGE_PNG_SIZE_MAX(image);
  g_autofree guint8 *file = g_malloc(length);
  if (png_image_write_to_memory(&image, file, &length, 0, pixels, COVER_WIDTH, colours))
    return g_bytes_new(file, length);
  error_set(error, ERROR_IO, "a cover cannot be written as PNG: %s", image.message);
  return NULL;
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
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB16_565, COVER_WIDTH, COVER_HEIGHT);
  cairo_t *cairo = cairo_create(surface);
  use_colour(cairo, PAPER);
  cairo_paint(cairo);
  draw_current(cairo, cover->story_id);
  draw_masthead(cairo, cover);
  draw_headline(cairo, cover->headline);
  cairo_status_t status = cairo_status(cairo);
  cairo_destroy(cairo);
  GBytes *png = status == CAIRO_STATUS_SUCCESS ? encode(flatten(surface), error) : NULL;
  cairo_surface_destroy(surface);
  if (status != CAIRO_STATUS_SUCCESS)
    error_set(error, ERROR_IO, "the cover of story %s cannot be drawn: %s", cover->story_id, cairo_status_to_string(status));
  return png;
}
