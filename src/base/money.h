/*
 * Money: integer micro-dollars; prices in pico-dollars a token.
 */
#pragma once

#include <stdint.h>

/** money_cost_micros: what so many tokens cost at these prices (pico-dollars a token, no number negative), rounded up;
 * INT64_MAX when it is more. */
int64_t money_cost_micros(int64_t input_tokens, int64_t input_price, int64_t output_tokens, int64_t output_price);

/** money_text: Returns: (transfer full): "$0.0123", with as many decimals as it needs, two at least */
char *money_text(int64_t micros);
