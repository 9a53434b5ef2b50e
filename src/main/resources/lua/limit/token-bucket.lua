-- Token bucket: holds as many tokens as the burst, and gains the limit's number of them, evenly, in each window. Equal to
-- the generic cell rate algorithm (ITU-T I.371) with its tolerance at the burst.
--
-- The state: a moment in milliseconds, the level then, and the unit in which it is told: tokens times the window's
-- milliseconds, so that all of it is whole numbers.
algorithms['token-bucket'] = function(key, clock, limit, window, burst, cost)
  local unit = window / 1000
  local full = burst * unit
  local now, level = math.floor(clock / 1000), full
  local state = redis.call('GET', key)
  if state then
    local last, was, told = struct.unpack('>I8I8I8', state)
    if told ~= unit then
      was = math.floor(was / told * unit)
    end
    now = math.max(now, last)
    level = math.min(full, was + (now - last) * limit)
  end
  local function untilLevel(wanted)
    return (now + math.ceil((wanted - level) / limit)) * 1000 - clock
  end
  local reset, retry = 0, 0
  if level < full then
    reset = untilLevel(full)
  end
  if level < cost * unit then
    retry = untilLevel(cost * unit)
  end
  return math.floor(level / unit), reset, retry, function()
    level = level - cost * unit
    local back = untilLevel(full)
    redis.call('SET', key, struct.pack('>I8I8I8', now, level, unit), 'PX', math.ceil(back / 1000) + 1000)
    return math.floor(level / unit), back
  end
end
