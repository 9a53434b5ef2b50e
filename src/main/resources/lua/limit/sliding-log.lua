-- Sliding log, exact: the costs that were spent within the last window, each with its moment, add up to no more than the
-- limit. A moment t counts as long as t > now - window.
--
-- The log is a string of records of 16 bytes, a moment and the sum of all costs up to and with it, so that the sum of any
-- stretch is one subtraction, and a moment is found by bisection. Of a long log only some records are read, those around
-- the ones that are asked for.
algorithms['sliding-log'] = function(key, clock, limit, window, burst, cost)
  local from, log = 1, redis.call('GETRANGE', key, 0, 2047)
  local n = (#log < 2048 and #log or redis.call('STRLEN', key)) / 16
  local function read(i)
    from = math.max(1, i)
    log = redis.call('GETRANGE', key, from * 16 - 16, from * 16 + 495)
  end
  local function at(i)
    local offset = (i - from) * 16
    if offset < 0 or offset >= #log then
      read(i - 8)
      offset = (i - from) * 16
    end
    return struct.unpack('>I8I8', log, offset + 1)
  end
  -- The first may be no moment: what has left may have left its sum there.
  local oldest = n > 128 and at(2)
  local now, newest, total = clock, 0, 0
  if n > 0 then
    newest, total = at(n)
    now = math.max(now, newest) -- a clock that was set back does not undo the order
  end
  local edge = now - window
  local gone, upper = 0, n
  if newest <= edge then
    gone = n
  elseif oldest then
    -- Moments are spread about evenly as a rule.
    local low, high, latest, tries = 2, n, newest, 0
    if oldest > edge then
      upper = 1
    end
    while oldest <= edge and upper - gone > 32 and tries < 4 do
      local guess = low + math.floor((high - low) * (edge - oldest) / (latest - oldest))
      local first, last = math.max(1, guess - 16), math.min(n, guess + 15)
      read(first)
      local earlier, later = at(first), at(last)
      if earlier > edge then
        upper, high, latest = first - 1, first, earlier
      elseif later <= edge then
        gone, low, oldest = last, last, later
      else
        gone, upper = first, last - 1
      end
      tries = tries + 1
    end
  end
  while gone < upper do
    local middle = math.floor((gone + upper + 1) / 2)
    if at(middle) <= edge then
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
    local function reaches(i)
      local _, sum = at(i)
      return sum - base >= used + cost - limit
    end
    -- A small cost is there again with one of the next to leave.
    local low, high, step = gone + 1, gone + 1, 1
    while high < n and not reaches(high) do
      low, high, step = high + 1, math.min(n, high + step), step * 2
    end
    while low < high do
      local middle = math.floor((low + high) / 2)
      if reaches(middle) then
        high = middle
      else
        low = middle + 1
      end
    end
    retry = at(low) + window - clock
  end
  return limit - used, reset, retry, function()
    local ttl = math.ceil((now + window - clock) / 1000) + 1000
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
