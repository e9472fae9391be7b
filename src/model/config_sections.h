/*
 * The option tables of courant.yaml's fixed sections. Private to model/config.c.
 */
#pragma once

#include "model/config.h"

/** ConfigSection: @offset: of its values in #Config */
typedef struct {
  OptionSection section;
  size_t offset;
} ConfigSection;

/** config_sections: ended by one without options. The first, which has no name, is the top level itself. */
extern const ConfigSection config_sections[];
