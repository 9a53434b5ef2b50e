-- Keeps what an instance reports of itself, and drops the reports of those that have not been heard of for long.
--
-- KEYS[1]  the reports by process, and the epoch
-- KEYS[2]  when each was heard of, in milliseconds of Redis' clock
-- ARGV[1]  the process
-- ARGV[2]  its report
-- ARGV[3]  for how long a process is known that is not heard of, in milliseconds
-- returns  the epoch: when figures were last reset, 0 if never
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- Before all else what needs no room: a Redis that is full refuses no more than the first write of a script, and when it
-- is full these figures are what is wanted.
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[3])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3])) do
  redis.call('HDEL', KEYS[1], gone)
  redis.call('ZREM', KEYS[2], gone)
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[3])
redis.call('PEXPIRE', KEYS[2], 2 * ARGV[3])
return tonumber(redis.call('HGET', KEYS[1], ':epoch') or 0)
