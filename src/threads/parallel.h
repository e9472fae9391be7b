/*
 * The same work for every position of a range, on several threads at once.
 */
#pragma once

#include <stddef.h>

/** ParallelWork: works on the positions from @begin to before @end. Thread: called on several at once, once for each position.
 */
typedef void (*ParallelWork)(void *data, size_t begin, size_t end);

/**
 * parallel_for:
 * @count: how many positions there are
 * @threads: so many at most, the caller's among them; 0 and 1: the caller's alone
 * @data: handed to @work
 *
 * Returns when all is worked. Where the system gives fewer threads, those that there are do it all.
 */
void parallel_for(size_t count, unsigned threads, ParallelWork work, void *data);
