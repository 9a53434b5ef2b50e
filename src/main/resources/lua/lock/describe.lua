-- Tells how a lock stands. Changes nothing.
--
-- returns  {how many wait, then of each holder three: owner, fence, ms}
local answer = { redis.call('ZCARD', KEYS[2]) }
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local ends, fence, owner = lock.holder(all[i])
  if ends then
    local n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3] = owner, fence, ends - lock.now
  end
end
return answer
