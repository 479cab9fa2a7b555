/** What tests of several packages need; never shipped. */
export { findAnsweredPoints, type DialogueStep } from './answered-points.ts';
export { splitInTwo, splitIntoOctets, splitRandomly, toBuffer } from './chunking.ts';
export type { Octets } from './chunking.ts';
export { FakeClock } from './fake-clock.ts';
export type { FakeTimer } from './fake-clock.ts';
export { findFreePort } from './free-port.ts';
export { createMemoryStreamPair } from './memory-stream.ts';
export type {
  Chunking,
  MemoryStream,
  MemoryStreamOptions,
  MemoryStreamPair,
} from './memory-stream.ts';
export { createSeededRandom } from './seeded-random.ts';
export { createTempFolder } from './temp-folder.ts';
export type { TempFolder } from './temp-folder.ts';
export { runTranscript } from './transcript.ts';
export type { TranscriptConnection, TranscriptTarget } from './transcript.ts';
export { ensureDebianProgram, type DebianProgram } from './debian-program.ts';
export { DialoguePeer } from './dialogue-peer.ts';
export type { DialoguePeerOptions, TaggedReply } from './dialogue-peer.ts';
export { RunningProcess, startNode, startProcess } from './process-runner.ts';
export type { ProcessExit, ProcessOptions } from './process-runner.ts';
export { RawClient, connectRaw } from './raw-client.ts';
export type { ClientTls, RawClientOptions } from './raw-client.ts';
export { ScriptedPeer, startScriptedServer } from './scripted-peer.ts';
export type {
  PeerScript,
  ScriptedServer,
  ScriptedServerOptions,
  ServerTls,
} from './scripted-peer.ts';
export { SocketOctets } from './socket-octets.ts';
export { createTestCertificate } from './test-certificate.ts';
export type { TestCertificate } from './test-certificate.ts';
export { startPrivateRedis, startRedis } from './redis.ts';
export type { PrivateRedis, PrivateRedisOptions, TestRedis } from './redis.ts';
export { startCourier } from './courier.ts';
export type { CourierOptions, TestCourier } from './courier.ts';
export { startCyrus } from './cyrus.ts';
export type { CyrusOptions, TestCyrus } from './cyrus.ts';
export { startDovecot } from './dovecot.ts';
export type { DovecotOptions, TestDovecot } from './dovecot.ts';
export { startSlapd } from './slapd.ts';
export type { SlapdOptions, TestSlapd } from './slapd.ts';
export { startRedisCluster, startRedisSentinels } from './redis-groups.ts';
export type { RedisGroup } from './redis-groups.ts';
export { startHaproxy } from './haproxy.ts';
export type { TestHaproxy } from './haproxy.ts';
export { startPostfix } from './postfix.ts';
export type { PostfixOptions, TestPostfix } from './postfix.ts';
export { runSwaks } from './swaks.ts';
export type { SwaksRun } from './swaks.ts';
export { runMsmtp } from './msmtp.ts';
export type { MsmtpRun } from './msmtp.ts';
