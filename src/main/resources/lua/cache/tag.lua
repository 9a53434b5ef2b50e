-- Notes that an entry bears a tag, drops what has expired of the index, and lets it live as long as its longest entry.
--
-- KEYS[1]  the tag's index, a sorted set of keys by when their entries end
-- ARGV[1]  the entry's key
-- ARGV[2]  how long the entry is kept, in milliseconds
-- ARGV[3]  a fraction of a millisecond that tells this note from an earlier one of the same key
-- returns  nothing
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = now + tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', now))
redis.call('ZADD', KEYS[1], string.format('%.4f', ends + tonumber(ARGV[3])), ARGV[1])
if redis.call('PTTL', KEYS[1]) < ends - now then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return nil
