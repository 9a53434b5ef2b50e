-- Has a subject start anew, or sets or drops its override, and tells all instances: what they remember of it is no more.
--
-- KEYS[1]  the subject's state
-- KEYS[2]  its override
-- ARGV[1]  the channel
-- ARGV[2]  the message
-- ARGV[3]  'reset', 'override' or 'drop'
-- ARGV[4]  the override: limit and window, 8 bytes each
-- ARGV[5]  how long it is to hold, in milliseconds
-- returns  1 if there was something to reset or drop, else 0
local was
if ARGV[3] == 'reset' then
  was = redis.call('DEL', KEYS[1])
elseif ARGV[3] == 'drop' then
  was = redis.call('DEL', KEYS[2])
else
  was = 1
  redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return was
