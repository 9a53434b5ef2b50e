-- Takes a lock, or a place in its queue. Whoever holds the lock by this token already, or waits by it, is told so.
--
-- ARGV[4]  the token
-- ARGV[5]  the owner
-- ARGV[6]  how long to hold
-- ARGV[7]  how long to wait; 0 for not at all
-- ARGV[8]  the instance that waits
-- ARGV[9]  for how long that instance is known to be alive
-- KEYS[5]  what says that this token was given back
-- returns  {1, fence, ms} held, {2, ms} waiting; the next holder's time is over then, {0, ms, owner} another's
local token, owner, ttl, wait = ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])

local function held()
  local ends, fence = lock.holder(token)
  if not ends then
    return nil
  end
  if lock.waiter(token) then
    -- It was handed over, and whoever waited for it has not heard of it.
    lock.forget(token)
    lock.hold(token, fence, ttl, owner)
    ends = lock.now + ttl
  end
  return { 1, fence, ends - lock.now }
end

local answer = held()
if answer then
  return answer
end
local count, soonest, first, waiting = lock.hand()
-- It may have been this one's turn.
answer = held()
if answer then
  return answer
end
if not waiting and count < tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[5])
  return { 1, lock.grant(token, ttl, owner), ttl }
end
if wait > 0 then
  redis.call('DEL', KEYS[5])
  local _, ticket = lock.waiter(token)
  lock.enqueue(token, ticket, wait, ARGV[8], owner)
  lock.alive(ARGV[8], tonumber(ARGV[9]))
  return { 2, (soonest or lock.now) - lock.now }
end
local _, _, other = lock.holder(first)
return { 0, soonest - lock.now, other }
