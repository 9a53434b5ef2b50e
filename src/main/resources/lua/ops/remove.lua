-- Forgets an instance that ends.
--
-- KEYS[1]  the reports by process, and the epoch
-- KEYS[2]  when each was heard of
-- ARGV[1]  the process
-- returns  1 if it was known
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
