//! To be filled with accumulated moments: a measure whose `needs` do not name rows gives the same number from moments
//! as from rows, one whose `needs` do is refused with `NeedsRows`, and merged shards are one pass.
