/**
 * The writes, as Lua, since each must check and change several keys in one step and announce the
 * change in the same step: a change is never made without its number. KEYS and ARGV are declared
 * in full, so that a Cluster and Redis's access lists can judge them.
 *
 * All that announce begin alike: KEYS[1] change counter, ARGV[1] channel, ARGV[2] the change as JSON.
 * Answers are short words; `name-taken` comes with the index of the name.
 */
import { createScript, type RedisScript } from './redis-link.ts';

const ANNOUNCE = `
local function announce()
  redis.call('PUBLISH', ARGV[1], redis.call('INCR', KEYS[1]) .. ' ' .. ARGV[2])
  return {'ok'}
end
`;

/**
 * KEYS 2 account, 3 addresses, 4 residents, 5 sites, 6… names, then the delegates' sharers.
 * ARGV 3 id, 4 record, 5 version, 6 credentials or '', 7 site, 8 member of addresses, 9 of
 * sharers, 10 how many names.
 */
export const ADD_ACCOUNT: RedisScript = createScript(`${ANNOUNCE}
if redis.call('EXISTS', KEYS[2]) == 1 then return {'exists'} end
if redis.call('HEXISTS', KEYS[5], ARGV[7]) == 0 then return {'unknown-site'} end
local lastName = 5 + tonumber(ARGV[10])
for i = 6, lastName do
  if redis.call('EXISTS', KEYS[i]) == 1 then return {'name-taken', i - 6} end
end
for i = 6, lastName do redis.call('SET', KEYS[i], ARGV[3]) end
for i = lastName + 1, #KEYS do redis.call('SADD', KEYS[i], ARGV[9]) end
redis.call('HSET', KEYS[2], 'record', ARGV[4], 'version', ARGV[5])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[2], 'credentials', ARGV[6]) end
redis.call('ZADD', KEYS[3], 0, ARGV[8])
redis.call('HINCRBY', KEYS[4], ARGV[7], 1)
return announce()
`);

/**
 * KEYS 2 account, 3 addresses, 4 residents, 5 sites, 6… names to free, then names to take, then
 * sharers of delegates that are lost, then of those that are gained.
 * ARGV 3 id, 4 record, 5 expected version, 6 old site, 7 new site, 8 old and 9 new member of
 * addresses, 10 of sharers; how many 11 names to free, 12 names to take, 13 delegates are lost.
 */
export const REPLACE_ACCOUNT: RedisScript = createScript(`${ANNOUNCE}
local version = redis.call('HGET', KEYS[2], 'version')
if not version then return {'nonexistent'} end
if version ~= ARGV[5] then return {'conflict'} end
if redis.call('HEXISTS', KEYS[5], ARGV[7]) == 0 then return {'unknown-site'} end
local firstTaken = 6 + tonumber(ARGV[11])
local firstLost = firstTaken + tonumber(ARGV[12])
local firstGained = firstLost + tonumber(ARGV[13])
for i = firstTaken, firstLost - 1 do
  if redis.call('EXISTS', KEYS[i]) == 1 then return {'name-taken', i - firstTaken} end
end
for i = 6, firstTaken - 1 do redis.call('DEL', KEYS[i]) end
for i = firstTaken, firstLost - 1 do redis.call('SET', KEYS[i], ARGV[3]) end
for i = firstLost, firstGained - 1 do redis.call('SREM', KEYS[i], ARGV[10]) end
for i = firstGained, #KEYS do redis.call('SADD', KEYS[i], ARGV[10]) end
redis.call('HSET', KEYS[2], 'record', ARGV[4])
redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('ZREM', KEYS[3], ARGV[8])
redis.call('ZADD', KEYS[3], 0, ARGV[9])
redis.call('HINCRBY', KEYS[4], ARGV[6], -1)
redis.call('HINCRBY', KEYS[4], ARGV[7], 1)
return announce()
`);

/** KEYS 2 account. ARGV 3 expected version, 4 credentials or '' to remove them. */
export const SET_CREDENTIALS: RedisScript = createScript(`${ANNOUNCE}
local version = redis.call('HGET', KEYS[2], 'version')
if not version then return {'nonexistent'} end
if version ~= ARGV[3] then return {'conflict'} end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[2], 'credentials')
else
  redis.call('HSET', KEYS[2], 'credentials', ARGV[4])
end
redis.call('HINCRBY', KEYS[2], 'version', 1)
return announce()
`);

/**
 * KEYS 2 account. ARGV 3 expected version, 4 app passwords or '' to remove them, 5… fields that
 * tell when those that are gone were used.
 */
export const SET_APP_PASSWORDS: RedisScript = createScript(`${ANNOUNCE}
local version = redis.call('HGET', KEYS[2], 'version')
if not version then return {'nonexistent'} end
if version ~= ARGV[3] then return {'conflict'} end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[2], 'appPasswords')
else
  redis.call('HSET', KEYS[2], 'appPasswords', ARGV[4])
end
for i = 5, #ARGV do redis.call('HDEL', KEYS[2], ARGV[i]) end
redis.call('HINCRBY', KEYS[2], 'version', 1)
return announce()
`);

/** Announces nothing. KEYS 1 account. ARGV 1 field, 2 when. */
export const NOTE_USE: RedisScript = createScript(`
if redis.call('HEXISTS', KEYS[1], 'version') == 1 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
return 1
`);

/**
 * KEYS 2 account, 3 addresses, 4 residents, 5… names, then the delegates' sharers.
 * ARGV 3 expected version, 4 site, 5 member of addresses, 6 of sharers, 7 how many names.
 */
export const DELETE_ACCOUNT: RedisScript = createScript(`${ANNOUNCE}
local version = redis.call('HGET', KEYS[2], 'version')
if not version then return {'nonexistent'} end
if version ~= ARGV[3] then return {'conflict'} end
local lastName = 4 + tonumber(ARGV[7])
for i = 5, lastName do redis.call('DEL', KEYS[i]) end
for i = lastName + 1, #KEYS do redis.call('SREM', KEYS[i], ARGV[6]) end
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[5])
redis.call('HINCRBY', KEYS[4], ARGV[4], -1)
return announce()
`);

/**
 * KEYS 2 group, 3 groups, 4… names. ARGV 3 what names point to, 4 record, 5 version, 6 member of
 * groups.
 */
export const ADD_GROUP: RedisScript = createScript(`${ANNOUNCE}
if redis.call('EXISTS', KEYS[2]) == 1 then return {'exists'} end
for i = 4, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return {'name-taken', i - 4} end
end
for i = 4, #KEYS do redis.call('SET', KEYS[i], ARGV[3]) end
redis.call('HSET', KEYS[2], 'record', ARGV[4], 'version', ARGV[5])
redis.call('ZADD', KEYS[3], 0, ARGV[6])
return announce()
`);

/**
 * KEYS 2 group, 3 groups, 4… names to free, then names to take. ARGV 3 what names point to,
 * 4 record, 5 expected version, 6 old and 7 new member of groups, 8 how many names to free.
 */
export const REPLACE_GROUP: RedisScript = createScript(`${ANNOUNCE}
local version = redis.call('HGET', KEYS[2], 'version')
if not version then return {'nonexistent'} end
if version ~= ARGV[5] then return {'conflict'} end
local firstTaken = 4 + tonumber(ARGV[8])
for i = firstTaken, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return {'name-taken', i - firstTaken} end
end
for i = 4, firstTaken - 1 do redis.call('DEL', KEYS[i]) end
for i = firstTaken, #KEYS do redis.call('SET', KEYS[i], ARGV[3]) end
redis.call('HSET', KEYS[2], 'record', ARGV[4])
redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('ZREM', KEYS[3], ARGV[6])
redis.call('ZADD', KEYS[3], 0, ARGV[7])
return announce()
`);

/** KEYS 2 group, 3 groups, 4… names. ARGV 3 expected version, 4 member of groups. */
export const DELETE_GROUP: RedisScript = createScript(`${ANNOUNCE}
local version = redis.call('HGET', KEYS[2], 'version')
if not version then return {'nonexistent'} end
if version ~= ARGV[3] then return {'conflict'} end
for i = 4, #KEYS do redis.call('DEL', KEYS[i]) end
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[4])
return announce()
`);

/** KEYS 2 sites, 3 residents. ARGV 3 site. */
export const DELETE_SITE: RedisScript = createScript(`${ANNOUNCE}
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 0 then return {'nonexistent'} end
local count = tonumber(redis.call('HGET', KEYS[3], ARGV[3]) or '0')
if count > 0 then return {'in-use', count} end
redis.call('HDEL', KEYS[2], ARGV[3])
redis.call('HDEL', KEYS[3], ARGV[3])
return announce()
`);

/** KEYS 2 a hash. ARGV 3 field, 4 value, or no ARGV 4 to remove the field. */
export const PUT_FIELD: RedisScript = createScript(`${ANNOUNCE}
if ARGV[4] then
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
else
  redis.call('HDEL', KEYS[2], ARGV[3])
end
return announce()
`);

/**
 * Notes the schema's version where there is none or a lower one, and the directory's id where
 * there is none; in an empty Redis only if it may found. What version 1 left needs no other change:
 * it had no delegates, so nobody has sharers.
 * KEYS 1 schema, 2 directory's id, 3 sites. ARGV 1 this release's version, 2 the id that is known
 * or '', 3 the id to give, 4 'found' if an empty Redis may become a directory.
 * Answers {'ok', id}, {'later-schema', version}, {'other'} or {'empty'}.
 */
export const CLAIM_DIRECTORY: RedisScript = createScript(`
local schema = tonumber(redis.call('GET', KEYS[1]) or '0')
local id = redis.call('GET', KEYS[2])
if id and ARGV[2] ~= '' and id ~= ARGV[2] then return {'other'} end
if not id and ARGV[4] ~= 'found' and redis.call('EXISTS', KEYS[3]) == 0 then return {'empty'} end
if schema > tonumber(ARGV[1]) then return {'later-schema', schema} end
if schema < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
if not id then
  id = ARGV[3]
  redis.call('SET', KEYS[2], id)
end
return {'ok', id}
`);

/**
 * Puts a lease's expiry off, by Redis's own clock. KEYS 1 leases. ARGV 1 lease, 2 life in ms.
 * Answers 1 if the lease was alive, else 0 (new, or it had expired).
 */
export const RENEW_LEASE: RedisScript = createScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local expiry = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
if expiry and tonumber(expiry) > now then return 1 end
return 0
`);

/** KEYS 1 leases. Answers {living leases, expired leases}; at most 100 of the expired. */
export const LIST_LEASES: RedisScript = createScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {
  redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf'),
  redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)
}
`);

/**
 * Notes a session of an account and answers the leases of all its sessions, one for each.
 * KEYS 1 the account's sessions. ARGV 1 conversation, 2 lease.
 */
export const CLAIM_SESSION: RedisScript = createScript(`
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HVALS', KEYS[1])
`);

/** Announces nothing. KEYS 1 duty. ARGV 1 holder, 2 ms. @returns Who has it now. */
export const TAKE_DUTY: RedisScript = createScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
`);

/** Announces nothing. KEYS 1 duty. ARGV 1 holder. */
export const LEAVE_DUTY: RedisScript = createScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`);
