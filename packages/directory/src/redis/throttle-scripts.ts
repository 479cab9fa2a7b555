/**
 * The throttle's writes, as Lua: each looks at one lane and changes it in one step, by Redis's own
 * clock, and leaves no key without an expiry.
 */
import { createScript, type RedisScript } from './redis-link.ts';

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** KEYS 1 members. Answers {now, member, expiry, member, expiry, …}. */
export const READ_LANE: RedisScript = createScript(`${NOW}
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%d', now), '+inf', 'WITHSCORES')
table.insert(found, 1, string.format('%d', now))
return found
`);

/** KEYS 1 members. ARGV 1 member, 2 its life in ms, 3 how many members there may be. */
export const NOTE_MEMBER: RedisScript = createScript(`${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now))
redis.call('ZADD', KEYS[1], string.format('%d', now + ARGV[2]), ARGV[1])
local excess = redis.call('ZCARD', KEYS[1]) - ARGV[3]
if excess > 0 then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, excess - 1) end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%d', last[2]))
return 1
`);

/** KEYS 1 turn. ARGV 1 interval, 2 longest wait, both in ms. Answers the wait. */
export const TAKE_TURN: RedisScript = createScript(`${NOW}
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local wait = at - now
if wait <= tonumber(ARGV[2]) and wait + ARGV[1] > 0 then
  redis.call('SET', KEYS[1], string.format('%d', at + ARGV[1]), 'PX', math.ceil(wait + ARGV[1]))
end
return math.ceil(wait)
`);

/** KEYS 1 recent. ARGV 1 lane, 2 its life in ms, 3 how many lanes there may be. */
export const NOTE_RECENT: RedisScript = createScript(`${NOW}
redis.call('ZADD', KEYS[1], string.format('%d', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now - ARGV[2]))
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`);

/** KEYS 1 key. ARGV 1 a fresh one, 2 its life in ms. Answers {key, ms left}. */
export const GET_MARK_KEY: RedisScript = createScript(`
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}
`);
