-- Sliding log, exact: the costs that were spent within the last window, each with its moment, add up to no more than the
-- limit. A moment t counts as long as t > now - window.
--
-- The log is a string of records of 16 bytes, a moment and the sum of all costs up to and with it, so that the sum of any
-- stretch is one subtraction, and a moment is found by bisection.
algorithms['sliding-log'] = function(key, clock, limit, window, burst, cost)
  local n = redis.call('STRLEN', key) / 16
  local log = n <= 256 and redis.call('GET', key)
  local function at(i)
    if log then
      return struct.unpack('>I8I8', log, i * 16 - 15)
    end
    return struct.unpack('>I8I8', redis.call('GETRANGE', key, i * 16 - 16, i * 16 - 1))
  end
  local now, newest, total = clock, 0, 0
  if n > 0 then
    newest, total = at(n)
    now = math.max(now, newest) -- a clock that was set back does not undo the order
  end
  local gone, upper = 0, n
  while gone < upper do
    local middle = math.floor((gone + upper + 1) / 2)
    if at(middle) <= now - window then
      gone = middle
    else
      upper = middle - 1
    end
  end
  local base = 0
  if gone > 0 then
    local _, sum = at(gone)
    base = sum
  end
  local used = total - base
  local reset, retry = 0, 0
  if used > 0 then
    reset = newest + window - clock
  end
  if used + cost > limit then
    local low, high = gone + 1, n
    while low < high do
      local middle = math.floor((low + high) / 2)
      local _, sum = at(middle)
      if sum - base >= used + cost - limit then
        high = middle
      else
        low = middle + 1
      end
    end
    retry = at(low) + window - clock
  end
  return limit - used, reset, retry, function()
    local ttl = math.ceil((now + window - clock) / 1000)
    if gone == n then
      redis.call('SET', key, struct.pack('>I8I8', now, cost), 'PX', ttl)
    elseif gone >= 32 and gone * 2 >= n then
      -- What has left goes, but for its sum, which stands before all moments.
      redis.call('SET', key, struct.pack('>I8I8', 0, base) .. redis.call('GETRANGE', key, gone * 16, -1)
        .. struct.pack('>I8I8', now, total + cost), 'PX', ttl)
    else
      redis.call('APPEND', key, struct.pack('>I8I8', now, total + cost))
      redis.call('PEXPIRE', key, ttl)
    end
    return limit - used - cost, now + window - clock
  end
end
