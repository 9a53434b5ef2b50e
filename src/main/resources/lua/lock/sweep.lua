-- Looks after a lock on behalf of one instance's waiters: tells that the instance is alive, hands on what is free, and
-- puts back who was handed the lock and has not heard of it.
--
-- ARGV[4]  the instance
-- ARGV[5]  for how long it is known to be alive
-- ARGV     of each of its waiters two: the token, the owner; then three numbers: how long it still waits
-- returns  {ms until the next holder's time is over; -1 if nobody holds, then the tokens that hold the lock now}
lock.alive(ARGV[4], tonumber(ARGV[5]))
for i = 6, #ARGV, 3 do
  local token = ARGV[i]
  if not lock.holder(token) and not redis.call('ZSCORE', KEYS[2], token) then
    local _, ticket = lock.waiter(token)
    lock.enqueue(token, ticket, tonumber(ARGV[i + 2]), ARGV[4], ARGV[i + 1])
  end
end
local _, soonest = lock.hand()
local answer = { soonest and soonest - lock.now or -1 }
-- Also who is handed it just now: the message may get lost as well.
for i = 6, #ARGV, 3 do
  if lock.holder(ARGV[i]) then
    answer[#answer + 1] = ARGV[i]
  end
end
return answer
