-- Begins an epoch: instances that see it count from zero.
--
-- KEYS[1]  the reports by process, and the epoch
-- KEYS[2]  when each was heard of
-- ARGV[1]  for how long a process is known that is not heard of, in milliseconds
-- returns  the epoch: the time in milliseconds by Redis' clock, more than the one before in any case
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = tonumber(redis.call('HGET', KEYS[1], ':epoch') or 0)
local epoch = math.max(now, before + 1)
-- Before all else what needs no room, so that a full Redis takes what follows.
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[1])
redis.call('HSET', KEYS[1], ':epoch', string.format('%.0f', epoch))
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[1])
return epoch
