-- Lists what instances reported of themselves.
--
-- KEYS[1]  the reports by process, and the epoch
-- KEYS[2]  when each was heard of
-- ARGV[1]  for how long a process is known that is not heard of, in milliseconds
-- returns  the time in milliseconds by Redis' clock; the epoch, 0 if there is none; then of each process three: its name,
--          its report, when it was heard of
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local listed = {now, tonumber(redis.call('HGET', KEYS[1], ':epoch') or 0)}
local seen = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. string.format('%.0f', now - ARGV[1]), '+inf', 'WITHSCORES')
for i = 1, #seen, 2 do
  local report = redis.call('HGET', KEYS[1], seen[i])
  if report then
    listed[#listed + 1] = seen[i]
    listed[#listed + 1] = report
    listed[#listed + 1] = tonumber(seen[i + 1])
  end
end
return listed
