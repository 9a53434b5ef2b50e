-- The one script for wrk: sends what the arguments say, and reports in one line of its own.
-- Arguments: METHOD [FILE [KEYS]]; FILE holds the body, an empty name is none. Without KEYS the request is fixed, so wrk
-- formats it once and runs no Lua while it measures. With KEYS an @ in the URL's path becomes a number from 1 to KEYS, at
-- random: all the requests are formatted beforehand, and one is picked each time.
-- The line: requests, microseconds, p50 in microseconds, p99, then errors: connect, read, write, timeout, status >= 400.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("seed", threads)
end

function init(args)
  wrk.method = args[1]
  if args[2] and args[2] ~= "" then
    local file = assert(io.open(args[2], "rb"))
    wrk.body = file:read("*a")
    file:close()
    wrk.headers["Content-Type"] = "application/octet-stream"
  end
  if args[3] then
    local keys, requests = tonumber(args[3]), {}
    for key = 1, keys do
      requests[key] = wrk.format(nil, (wrk.path:gsub("@", key)))
    end
    math.randomseed(seed)
    function request()
      return requests[math.random(keys)]
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(("measured %d %d %d %d %d %d %d %d %d"):format(
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
