-- Looks after a lock on behalf of one instance's waiters: tells that the instance is alive, hands on what is free, and
-- puts back who was handed the lock and has not heard of it.
--
-- ARGV[4]  the instance
-- ARGV[5]  for how long it is known to be alive
-- ARGV     of each of its waiters two: the token, the owner; then three numbers: how long it still waits
-- returns  {ms until the next holder's time is over; -1 if nobody holds, then the tokens that hold the lock now}
lock.alive(ARGV[4], tonumber(ARGV[5]))
local answer = { -1 }
for i = 6, #ARGV, 3 do
  local token = ARGV[i]
  if lock.holder(token) then
    answer[#answer + 1] = token
  elseif not redis.call('ZSCORE', KEYS[2], token) then
    local _, ticket = lock.waiter(token)
    lock.enqueue(token, ticket, tonumber(ARGV[i + 2]), ARGV[4], ARGV[i + 1])
  end
end
local _, soonest = lock.hand()
if soonest then
  answer[1] = soonest - lock.now
end
return answer
