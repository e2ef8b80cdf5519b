"""Work in shards, each made by any of several machines. A shard that exists is never made again."""
