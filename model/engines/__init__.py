"""Work parted into shards that any of several machines makes: a shard that is there is never made again."""
