-- The one script for wrk: sends what the arguments say, and reports in one line of its own.
-- Arguments: METHOD [FILE]; FILE holds the body. The request is fixed, so wrk formats it once and runs no Lua while it
-- measures.
-- The line: requests, microseconds, p50 in microseconds, p99, then errors: connect, read, write, timeout, status >= 400.

function init(args)
  wrk.method = args[1]
  if args[2] then
    local file = assert(io.open(args[2], "rb"))
    wrk.body = file:read("*a")
    file:close()
    wrk.headers["Content-Type"] = "application/octet-stream"
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(("measured %d %d %d %d %d %d %d %d %d"):format(
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
