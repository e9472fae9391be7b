/*
 * What made two posts one story, in words.
 */
#pragma once

#include "base/json.h"

/** why_print_likeness: @features: of a member, as explain_likeness() made them; without those, nothing is printed */
void why_print_likeness(const json_t *features);
