-- Gives a slot back, or renews its lease.
--
-- KEYS[1]  the sorted set of slots
-- ARGV[1]  the slot's name
-- ARGV[2]  how many units of cost it has
-- ARGV[3]  '' to give it back; else the new lease in microseconds
-- returns  1 if the slot was held, 0 if its lease was over or it was given back already
local time = redis.call('TIME')
local clock = time[1] * 1000000 + time[2]
local held = 0
for i = 1, tonumber(ARGV[2]) do
  local member = ARGV[1] .. ':' .. i
  local till = redis.call('ZSCORE', KEYS[1], member)
  if not till then
    break -- its units come and go together: a name that is made up costs one look
  end
  if tonumber(till) > clock then
    held = 1
    if ARGV[3] ~= '' then
      redis.call('ZADD', KEYS[1], string.format('%.0f', clock + tonumber(ARGV[3])), member)
    end
  end
  if ARGV[3] == '' then
    redis.call('ZREM', KEYS[1], member)
  end
end
if held == 1 and ARGV[3] ~= '' then
  local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
  redis.call('PEXPIRE', KEYS[1], math.ceil((tonumber(last) - clock) / 1000) + 1000)
end
return held
