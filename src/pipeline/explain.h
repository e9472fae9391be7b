/*
 * Why two posts were taken for one story, as it is kept with the one that joined. Pure.
 */
#pragma once

#include "base/json.h"
#include "model/item.h"
#include "stories/cluster.h"

/**
 * explain_likeness:
 * @links: (element-type uint32_t): those that may speak for it, as #ClusterOutcome has them
 *
 * Returns: (transfer full): `likeness`: by feature its `value` and its `contribution`, weight times value, without those that
 * are 0; `pair`: the probability that follows; `shared`: the rarest stems that both have, the rarest first
 */
json_t *
explain_likeness(const Lexicon *lexicon, const LikenessModel *model, const GArray *links, const Item *item, const Item *other);

/** explain_learned: Returns: (transfer full): `of`: the ids of the two posts that taught it, `confidence` and `shift` */
json_t *explain_learned(const Learned *learned);
