-- Fixed window: one count that starts anew when its window is over. A window begins with a key's first request. Up to twice
-- the limit can pass within a window's length around its end.
--
-- The state: when the window began, the count.
algorithms['fixed-window'] = function(key, clock, limit, window, burst, cost)
  local start, count = clock, 0
  local state = redis.call('GET', key)
  if state then
    local began, was = struct.unpack('>I8I8', state)
    if clock < began + window then
      start, count = began, was
    end
  end
  local left = start + window - clock
  return limit - count, count > 0 and left or 0, count + cost > limit and left or 0, function()
    redis.call('SET', key, struct.pack('>I8I8', start, count + cost), 'PX', math.ceil(left / 1000) + 1000)
    return limit - count - cost, left
  end
end
