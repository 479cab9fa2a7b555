/** Which addresses lead back to this process: for whoever dials where a record tells it to. */
import { networkInterfaces } from 'node:os';
import { plainAddress, type Endpoint } from './peer-facts.ts';

/** Where this process listens. An address without a port in it is nobody's. */
export class OwnAddresses {
  readonly #doors: Endpoint[] = [];

  add(door: Endpoint): void {
    this.#doors.push(door);
  }

  /** @param address Of IPv4 or IPv6, as a socket gives it; a name is nobody's. */
  has({ address, port }: Endpoint): boolean {
    const doors = this.#doors.filter((door) => door.port === port);
    if (doors.length === 0) return false;
    const plain = plainAddress(address);
    if (doors.some((door) => plainAddress(door.address) === plain)) return true;
    const isOpenToAll = doors.some((door) => door.address === '::' || door.address === '0.0.0.0');
    return isOpenToAll && isThisHost(plain);
  }
}

function isThisHost(address: string): boolean {
  if (address === '::1' || address.startsWith('127.')) return true;
  const ours = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return ours.some((one) => plainAddress(one.address) === address);
}
