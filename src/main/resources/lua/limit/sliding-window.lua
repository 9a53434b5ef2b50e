-- Sliding window of two counters: the count of the window before, weighted by how much of it is still within reach, and
-- that of the current one. 24 bytes whatever the limit. It takes the window before as evenly spread: traffic that is not
-- may be let through up to nearly twice the limit within one window's length, or be refused too early by as much.
-- Windows begin with a key's first request. After Cloudflare, "How we built rate limiting", 2017.
--
-- The state: when the current window began, the count before, the current count.
algorithms['sliding-window'] = function(key, clock, limit, window, burst, cost)
  local now, start, before, current = clock, clock, 0, 0
  local state = redis.call('GET', key)
  if state then
    start, before, current = struct.unpack('>I8I8I8', state)
    now = math.max(now, start)
    if now - start >= 2 * window then
      start, before, current = now, 0, 0
    elseif now - start >= window then
      start, before, current = start + window, current, 0
    end
  end
  local function used(moment)
    if moment - start >= window then
      return current * (window - (moment - start - window)) / window
    end
    return before * (window - (moment - start)) / window + current
  end
  local count = used(now)
  local reset, retry = 0, 0
  if current > 0 then
    reset = start + 2 * window - clock
  elseif before > 0 then
    reset = start + window - clock
  end
  if count + cost > limit then
    -- From here on there is ever more room, until both windows have passed.
    local low, high = now, start + 2 * window
    while low + 1 < high do
      local middle = math.floor((low + high) / 2)
      if used(middle) + cost <= limit then
        high = middle
      else
        low = middle
      end
    end
    retry = high - clock
  end
  return math.floor(limit - count), reset, retry, function()
    redis.call('SET', key, struct.pack('>I8I8I8', start, before, current + cost), 'PX',
      math.ceil((start + 2 * window - clock) / 1000) + 1000)
    return math.floor(limit - (count + cost)), start + 2 * window - clock
  end
end
