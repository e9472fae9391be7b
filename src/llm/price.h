/*
 * What models cost, by a table that ships with the program. Thread: pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/**
 * price_find:
 * @table: lines of model, dollars a million input tokens and dollars a million output tokens, with tabs between; "#" begins a
 *   comment
 * @ret_input_price: (out): pico-dollars a token; the same for @ret_output_price
 *
 * Returns: false when @model has no line, or one that cannot be read; nothing is set then
 */
bool price_find(const char *table, const char *model, int64_t *ret_input_price, int64_t *ret_output_price);
