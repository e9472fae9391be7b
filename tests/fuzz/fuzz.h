/*
 * What a fuzz target is: one function. libFuzzer calls it with what it makes up, replay.c with the files of a corpus.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** LLVMFuzzerTestOneInput: must end, in time, without a fault, for any @size bytes. Returns: 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
