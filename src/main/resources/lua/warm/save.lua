-- Keeps the record of a run, and drops from the list of runs those whose records are gone, and the oldest of too many.
--
-- KEYS[1]  the record
-- KEYS[2]  the list of runs, by their start
-- ARGV[1]  the record's text
-- ARGV[2]  how long it is kept, in milliseconds
-- ARGV[3]  the run's name
-- ARGV[4]  when it began, in milliseconds
-- ARGV[5]  how many runs are kept
-- ARGV[6]  what the key of a record begins with; all of them share the hash tag of KEYS[1]
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[4]) - tonumber(ARGV[2]))
local old = redis.call('ZRANGE', KEYS[2], 0, -1 - tonumber(ARGV[5]))
for _, run in ipairs(old) do
    redis.call('DEL', ARGV[6] .. run)
    redis.call('ZREM', KEYS[2], run)
end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
