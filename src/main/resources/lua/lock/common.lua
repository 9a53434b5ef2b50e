-- What the scripts of a lock share. Moments and durations are milliseconds of Redis' own clock.
--
-- KEYS[1]  the holders: token -> when it ends, fencing number, owner
-- KEYS[2]  the queue: tokens by their tickets
-- KEYS[3]  the waiters: token -> until when it waits, ticket, instance, owner; '@' and an instance -> until when it is
--          known to be alive
-- KEYS[4]  the last fencing number and the last ticket
-- ARGV[1]  how many may hold the lock at once
-- ARGV[2]  the channel
-- ARGV[3]  what stands before the instance and the token in the message that this one is handed the lock
local time = redis.call('TIME')
lock.now = time[1] * 1000 + math.floor(time[2] / 1000)
-- No lock changes hands so often that its numbers, one more each time, overtake microseconds.
lock.least = time[1] * 1000000 + time[2]

-- Who is handed the lock has so long to say that it is still there.
lock.CONFIRM = 1000
-- Numbers of a lock that nobody uses are forgotten after a day; until then the clock has left them far behind.
lock.KEEP = 86400000

function lock.holder(token)
  local value = redis.call('HGET', KEYS[1], token)
  if value then
    local ends, fence = struct.unpack('>I8I8', value)
    if ends > lock.now then
      return ends, fence, string.sub(value, 17)
    end
  end
end

-- Drops the holders whose time is over; returns how many are left, and of the one that ends first when, and its token.
function lock.purge()
  local count, soonest, first = 0, nil, nil
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    local ends = struct.unpack('>I8', all[i + 1])
    if ends <= lock.now then
      redis.call('HDEL', KEYS[1], all[i])
    else
      count = count + 1
      if not soonest or ends < soonest then
        soonest, first = ends, all[i]
      end
    end
  end
  return count, soonest, first
end

local function outlive(key, ttl)
  if redis.call('PTTL', key) < ttl then
    redis.call('PEXPIRE', key, ttl)
  end
end

function lock.hold(token, fence, ttl, owner)
  redis.call('HSET', KEYS[1], token, struct.pack('>I8I8', lock.now + ttl, fence) .. owner)
  outlive(KEYS[1], ttl)
end

-- Gives the lock. The number is greater than any before, and also than any that was forgotten: it is no less than the clock in
-- microseconds.
function lock.grant(token, ttl, owner)
  local fence = math.max((tonumber(redis.call('HGET', KEYS[4], 'fence')) or 0) + 1, lock.least)
  redis.call('HSET', KEYS[4], 'fence', string.format('%.0f', fence))
  outlive(KEYS[4], lock.KEEP + ttl)
  lock.hold(token, fence, ttl, owner)
  return fence
end

function lock.alive(instance, ttl)
  redis.call('HSET', KEYS[3], '@' .. instance, string.format('%.0f', lock.now + ttl))
  outlive(KEYS[3], ttl)
end

-- ticket: nil for a new one, at the end
function lock.enqueue(token, ticket, wait, instance, owner)
  if not ticket then
    ticket = redis.call('HINCRBY', KEYS[4], 'ticket', 1)
    outlive(KEYS[4], lock.KEEP)
  end
  redis.call('ZADD', KEYS[2], ticket, token)
  redis.call('HSET', KEYS[3], token, struct.pack('>I8I8', lock.now + wait, ticket) .. instance .. '\0' .. owner)
  outlive(KEYS[2], wait + 10000)
  outlive(KEYS[3], wait + 10000)
end

function lock.waiter(token)
  local value = redis.call('HGET', KEYS[3], token)
  if value then
    local till, ticket = struct.unpack('>I8I8', value)
    local separator = string.find(value, '\0', 17, true)
    return till, ticket, string.sub(value, 17, separator - 1), string.sub(value, separator + 1)
  end
end

function lock.forget(token)
  redis.call('ZREM', KEYS[2], token)
  redis.call('HDEL', KEYS[3], token)
end

-- Hands what is free to those who wait, in their order, and says so. Who no longer waits, or whose instance has not been
-- heard of, is passed over. Returns what lock.purge does, and whether somebody still waits.
function lock.hand()
  local permits = tonumber(ARGV[1])
  local count, soonest, first = lock.purge()
  while true do
    local head = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
    if not head or count >= permits then
      return count, soonest, first, head and true or false
    end
    local till, _, instance, owner = lock.waiter(head)
    local known = instance and tonumber(redis.call('HGET', KEYS[3], '@' .. instance)) or 0
    redis.call('ZREM', KEYS[2], head)
    if till and till > lock.now and known > lock.now then
      lock.grant(head, lock.CONFIRM, owner)
      redis.call('PUBLISH', ARGV[2], ARGV[3] .. instance .. '\0' .. head)
      count = count + 1
      if not soonest or lock.now + lock.CONFIRM < soonest then
        soonest, first = lock.now + lock.CONFIRM, head
      end
    else
      redis.call('HDEL', KEYS[3], head)
    end
  end
end
